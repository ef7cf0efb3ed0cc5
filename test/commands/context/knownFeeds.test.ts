import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { readKnownFeeds } from '../../../src/commands/context/knownFeeds.js';
import { readConfig } from '../../../src/settings/config.js';
import { recordCollection } from '../../../src/stores/collectionLog.js';
import { openStore } from '../../../src/stores/open.js';

/** An S3 server that is down. */
const NOWHERE = {
  AWS_ENDPOINT_URL_S3: 'http://127.0.0.1:1',
  AWS_ACCESS_KEY_ID: 'a',
  AWS_SECRET_ACCESS_KEY: 'b',
};

it('tells the feeds that a home knew last while its raw store does not answer, or is gone', async () => {
  const home = await mkdtemp(join(tmpdir(), 'ladepuls-known-'));
  onTestFinished(() => rm(home, { recursive: true, force: true }));
  const folder = join(home, 'raw');
  const readWith = async (rawStore: string) => {
    const config = readConfig({ LADEPULS_HOME: home, RAW_STORE: rawStore });
    return (await readKnownFeeds({ config, env: NOWHERE })).feeds.map(({ name }) => name);
  };
  const unreachable = readWith('s3://nobody/raw').catch((error: unknown) => String(error));
  expect(await unreachable).toMatch(/s3:\/\/nobody/); // nothing is known yet
  expect(await readWith(`file:${folder}`)).toHaveLength(38); // the settings' feeds, before the first entry
  await recordCollection(openStore(`file:${folder}`), {
    at: new Date(Date.now() - 1_000).toISOString(),
    reason: 'test',
    interval_minutes: 10,
    feeds: [{ name: 'koeln', source: 'chargecloud', paused: false }],
    setting: null,
  });
  expect(await readWith(`file:${folder}`)).toEqual(['koeln']);
  await rename(folder, `${folder}-elsewhere`);
  await writeFile(folder, '');
  expect(await readWith(`file:${folder}`)).toEqual(['koeln']);
  expect(await readWith('s3://nobody/raw')).toEqual(['koeln']);
});
