import pMap from 'p-map';
import type { Config } from '../src/settings/config.js';
import { addDays, type Day, dayOf, slotsOfDay } from '../src/domain/day.js';
import { simulateFleet } from '../src/simulation/feed/fleet.js';
import { importFiles } from '../src/importing/importFiles.js';
import { DEFAULT_FEEDS } from '../src/sources/chargecloud/feeds.js';
import { sourceByName } from '../src/sources/registry.js';
import { putRaw } from '../src/stores/raw.js';
import type { Store } from '../src/stores/store.js';

/** Number of objects that are written concurrently. */
const PUTS_AT_ONCE = 16;

/**
 * Fill the raw store with one day of recorded poll files or, without files, of the simulated fleet. Returns the day.
 */
export async function fillRaw(raw: Store, config: Config, pollFiles: string | undefined): Promise<Day> {
  if (pollFiles !== undefined) return importDay(raw, config, pollFiles);
  const day = addDays(dayOf(Date.now(), config.general.timeZone), -1);
  await simulateDay(raw, config, day);
  return day;
}

const FLEET = simulateFleet({ seed: 7, feeds: [...DEFAULT_FEEDS] });

/** Fill the raw store with a day of the simulated fleet. */
export async function simulateDay(raw: Store, config: Config, day: Day): Promise<void> {
  for (const slot of slotsOfDay(day, config.general.timeZone, config.polling.intervalMinutes)) {
    const store = (feed: string) => putSimulated(raw, { feed, slot, day, body: FLEET.envelope(feed, slot) });
    await pMap(DEFAULT_FEEDS, store, { concurrency: PUTS_AT_ONCE });
  }
}

function putSimulated(
  raw: Store,
  poll: { feed: string; slot: number; day: Day; body: string },
): Promise<string> {
  const { feed, slot, day, body } = poll;
  const origin = { feed, source: 'chargecloud', url: null, origin: 'poll', started_at: null } as const;
  const received = { http_status: 200, attempts: 1, reason: null, file: null, receivedMs: slot + 3_000 };
  return putRaw(raw, 'accepted', { ...origin, ...received, slot, day }, Buffer.from(body));
}

async function importDay(raw: Store, config: Config, pollFiles: string): Promise<Day> {
  const { timeZone } = config.general;
  const { intervalMinutes } = config.polling;
  const source = sourceByName('chargecloud');
  const imported = await importFiles([pollFiles], { store: raw, source, timeZone, intervalMinutes });
  const [day, ...others] = imported.days;
  if (day === undefined) throw new Error(`${pollFiles} holds no poll files`);
  if (others.length > 0)
    throw new Error(`${pollFiles} holds polls of ${imported.days.length} days: give one`);
  return day;
}
