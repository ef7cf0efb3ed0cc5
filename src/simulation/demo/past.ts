import pMap from 'p-map';
import { inventoryDigest } from '../../cleaning/inventory.js';
import { type Day, dayOf, daysBetween } from '../../domain/day.js';
import { simulateFleet } from '../feed/fleet.js';
import { readCorrections } from '../../stores/corrections.js';
import { listAccepted, listRawFeeds } from '../../stores/raw.js';
import type { Store } from '../../stores/store.js';
import { query } from '../../warehouse/open.js';
import { openReaderLogin } from '../../warehouse/postgres/readers.js';
import type { LoadDayResult } from '../../workflows/loadOnce.js';
import type { DemoPlan } from './plan.js';
import { writeDay } from './writeDay.js';

/** Days in progress: answers of one day are written to the raw store while the two days before it are loaded. */
const DAYS_AT_ONCE = 3;

export interface PastDeps {
  raw: Store;
  databaseUrl: string;
  /** Loads a day by the workflow `loadDay`, and waits for its result. */
  load: (day: Day) => Promise<LoadDayResult>;
  signal: AbortSignal;
  onMessage: (line: string) => void;
  /** Returns milliseconds since the epoch. */
  now: () => number;
}

/**
 * Bring the demo's days into the warehouse, including the current day until now. Writes the simulated answers that the
 * raw store lacks, and loads each day whose answers changed since it was loaded. Polls that were missed while the demo
 * was off stay missing.
 */
export async function bringPast(plan: DemoPlan, deps: PastDeps): Promise<void> {
  const { raw, signal, onMessage } = deps;
  const fleet = simulateFleet(plan.fleet);
  const loaded = await loadedInventories(deps.databaseUrl);
  const days = daysBetween(plan.firstDay, dayOf(deps.now(), plan.fleet.timeZone));
  let written: Promise<unknown> = Promise.resolve();
  const bring = async (day: Day) => {
    const writing = written.then(() => writeDay(raw, fleet, plan, day, signal));
    written = writing;
    const answers = await writing;
    const inventory = await inventoryOf(raw, day, plan.fleet.timeZone);
    if (inventory === (loaded.get(day) ?? '')) return;
    signal.throwIfAborted();
    const facts = describeFacts(await deps.load(day));
    onMessage(answers === 0 ? `${day}  ${facts}` : `${day}  ${answers} answers written; ${facts}`);
  };
  await pMap(days, bring, { concurrency: DAYS_AT_ONCE, signal });
}

/** Read from the warehouse which answers each day was loaded from: its feeds, with the digests of their answers. */
async function loadedInventories(databaseUrl: string): Promise<Map<Day, string>> {
  const statement = `
    select to_char(day, 'YYYY-MM-DD'), string_agg(feed || ' ' || inventory, ',' order by feed)
    from ops.ledger group by day`;
  const { rows } = await query(await openReaderLogin(databaseUrl), statement, 'UTC');
  return new Map(rows as [Day, string][]);
}

/** The feeds and digests that a day would be loaded from now. Empty if the raw store has no answers of the day. */
async function inventoryOf(raw: Store, day: Day, timeZone: string): Promise<string> {
  const corrections = await readCorrections(raw);
  const parts: string[] = [];
  for (const feed of await listRawFeeds(raw, 'accepted')) {
    const excluded = corrections.ofDay(feed, day, timeZone);
    const answers = await listAccepted(raw, feed, day, excluded);
    if (answers.length > 0) parts.push(`${feed} ${inventoryDigest(answers, excluded)}`);
  }
  return parts.join(',');
}

function describeFacts({ chargingPointFacts, connectorFacts, polls }: LoadDayResult): string {
  const facts = (chargingPointFacts + connectorFacts).toLocaleString('en');
  return `${facts} facts of ${polls} polls loaded`;
}
