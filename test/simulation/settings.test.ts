import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { demoSettings } from '../../src/simulation/demo/settings.js';
import { markSimulated } from '../../src/local/simulatedHome.js';

const folder = mkdtempSync(join(tmpdir(), 'ladepuls-settings-'));
afterAll(() => rmSync(folder, { recursive: true }));

it('leaves out whatever names a place of real data, and says what', () => {
  const { env, config, ignored } = demoSettings({
    PATH: '/bin',
    LADEPULS_HOME: folder,
    LADEPULS_INTERVAL: '5m',
    LADEPULS_FEEDS: 'koeln',
    LADEPULS_CHARGECLOUD_URL: 'https://real.example',
    RAW_STORE: 's3://real/raw',
    FLAT_STORE: 's3://real/flat',
    DATABASE_URL: 'postgres://real',
    LADEPULS_READER_URL: 'postgres://reader@real',
    TEMPORAL_ADDRESS: 'real:7233',
    TEMPORAL_NAMESPACE: 'real',
    TEMPORAL_API_KEY: '',
    TEMPORAL_CLI: '/opt/temporal',
  });
  const home = join(folder, 'demo');
  expect(env).toEqual({
    PATH: '/bin',
    LADEPULS_HOME: home,
    LADEPULS_INTERVAL: '5m',
    TEMPORAL_CLI: '/opt/temporal',
  });
  expect(config).toMatchObject({
    general: { home },
    polling: { intervalMinutes: 5 },
    warehouse: { url: undefined },
    stores: { raw: `file:${home}/raw`, flat: `file:${home}/flat` },
  });
  expect(ignored).toEqual([
    'DATABASE_URL',
    'FLAT_STORE',
    'LADEPULS_CHARGECLOUD_URL',
    'LADEPULS_FEEDS',
    'LADEPULS_READER_URL',
    'RAW_STORE',
    'TEMPORAL_ADDRESS',
    'TEMPORAL_NAMESPACE',
  ]);
});

it('takes a demo’s home itself, where that is set', async () => {
  const home = join(folder, 'demo');
  await markSimulated(home);
  expect(demoSettings({ LADEPULS_HOME: home }).config.general.home).toBe(home);
});
