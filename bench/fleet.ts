import { parseArgs } from 'node:util';
import pMap from 'p-map';
import { readConfig } from '../src/settings/config.js';
import { recordImport } from '../src/stores/collectionLog.js';
import { openStore } from '../src/stores/open.js';
import { getRaw, listRaw, listRawFeeds, putRaw } from '../src/stores/raw.js';
import { fillRaw } from './polls.js';

const USAGE = `npm run bench:fleet -- --to FOLDER [--polls DIR] [--copies 100]

Writes a raw store with one day of a fleet that is so many times as large: every feed again as koeln~1, koeln~2, … with
other ids. "npm run bench:scale -- --raw FOLDER" loads it; a hundredfold fleet is 547,200 answers, 3.5 GB.

  --to FOLDER   where the raw store is written
  --polls DIR   recorded poll files of one day; default: the simulated fleet
  --copies N    default 100`;

const { values: options } = parseArgs({
  options: {
    to: { type: 'string' },
    polls: { type: 'string' },
    copies: { type: 'string', default: '100' },
    help: { type: 'boolean', default: false },
  },
});

/** Number of objects that are written concurrently. */
const PUTS_AT_ONCE = 32;
/** Difference between the ids of a fleet and those of its next copy. It is larger than any id. */
const ID_DISTANCE = 10_000_000;
/** Ids of stations, charging points and connectors consist of digits, unlike EVSE-IDs. */
const ID = /"(id|uid)":\s*"(\d+)"/g;
const EVSE_ID = /"id":\s*"(DE\*[^"]*)"/g;

async function run(folder: string, copies: number): Promise<void> {
  const raw = openStore(`file:${folder}`);
  try {
    const config = readConfig({ LADEPULS_HOME: folder });
    const day = await fillRaw(raw, config, options.polls);
    const feeds = (await listRawFeeds(raw, 'accepted')).filter((feed) => !feed.includes('~'));
    for (const [number, feed] of feeds.entries()) {
      for (let copy = 1; copy < copies; copy++)
        await recordImport(raw, {
          feed: `${feed}~${copy}`,
          source: 'chargecloud',
          day,
          intervalMinutes: config.polling.intervalMinutes,
        });
      for await (const { key, slot, receivedMs } of listRaw(raw, 'accepted', feed, day)) {
        const { meta, body } = await getRaw(raw, key);
        const text = body.toString();
        await pMap(
          Array.from({ length: copies - 1 }, (_, index) => index + 1),
          (copy) =>
            putRaw(
              raw,
              'accepted',
              { ...meta, feed: `${feed}~${copy}`, slot, day, receivedMs },
              copyOf(text, copy),
            ),
          { concurrency: PUTS_AT_ONCE },
        );
      }
      console.log(`${number + 1} of ${feeds.length} feeds, ${copies} times each`);
    }
  } finally {
    await raw.close();
  }
}

function copyOf(body: string, copy: number): Buffer {
  const text = body
    .replaceAll(ID, (_, name: string, id: string) => `"${name}":"${Number(id) + copy * ID_DISTANCE}"`)
    .replaceAll(EVSE_ID, (_, id: string) => `"id":"${id}*${copy}"`);
  return Buffer.from(text);
}

if (options.help || options.to === undefined) console.log(USAGE);
else await run(options.to, Number(options.copies));
