import pMap from 'p-map';
import { inventoryDigest } from '../../cleaning/inventory.js';
import { type Day, dayOf, daysBetween } from '../../domain/day.js';
import { simulateFleet } from '../feed/fleet.js';
import { listStored, listRawFeeds } from '../../stores/raw.js';
import type { Store } from '../../stores/store.js';
import { query } from '../../warehouse/open.js';
import { openReaderLogin } from '../../warehouse/postgres/readers.js';
import type { LoadDayResult } from '../../workflows/loadOnce.js';
import type { DemoPlan } from './plan.js';
import { writeDay } from './writeDay.js';

/** One is written while those before it are loaded. */
const DAYS_AT_ONCE = 3;

export interface PastDeps {
  raw: Store;
  databaseUrl: string;
  /** Loads a day through the workflow `loadDay`, and waits. */
  load: (day: Day) => Promise<LoadDayResult>;
  signal: AbortSignal;
  tell: (line: string) => void;
  /** Milliseconds since the epoch. */
  now: () => number;
}

/**
 * Brings the demo's days into the warehouse, the running one up to now: writes what the plan makes up and raw does not
 * have yet, and loads each day whose answers are not those that it was loaded from.
 * What was missed while the demo was off stays missing.
 */
export async function bringPast(plan: DemoPlan, deps: PastDeps): Promise<void> {
  const { raw, signal, tell } = deps;
  const fleet = simulateFleet(plan.fleet);
  const loaded = await loadedInventories(deps.databaseUrl);
  const days = daysBetween(plan.firstDay, dayOf(deps.now(), plan.fleet.timeZone));
  let written: Promise<unknown> = Promise.resolve();
  const bring = async (day: Day) => {
    const writing = written.then(() => writeDay(raw, fleet, plan, day, signal));
    written = writing;
    const answers = await writing;
    const inventory = await inventoryOf(raw, day);
    if (inventory === (loaded.get(day) ?? '')) return;
    signal.throwIfAborted();
    const facts = describeFacts(await deps.load(day));
    tell(answers === 0 ? `${day}  ${facts}` : `${day}  ${answers} answers written; ${facts}`);
  };
  await pMap(days, bring, { concurrency: DAYS_AT_ONCE, signal });
}

/** What each day was loaded from: its feeds with the digests of their answers. */
async function loadedInventories(databaseUrl: string): Promise<Map<Day, string>> {
  const statement = `
    select to_char(day, 'YYYY-MM-DD'), string_agg(feed || ' ' || inventory, ',' order by feed)
    from ops.ledger group by day`;
  const { rows } = await query(await openReaderLogin(databaseUrl), statement, 'UTC');
  return new Map(rows as [Day, string][]);
}

/** What a day would be loaded from now; empty where raw has none of it. */
async function inventoryOf(raw: Store, day: Day): Promise<string> {
  const parts: string[] = [];
  for (const feed of await listRawFeeds(raw, 'accepted')) {
    const answers = await listStored(raw, 'accepted', feed, day);
    if (answers.length > 0) parts.push(`${feed} ${inventoryDigest(answers)}`);
  }
  return parts.join(',');
}

function describeFacts({ chargingPointFacts, connectorFacts, polls }: LoadDayResult): string {
  const facts = (chargingPointFacts + connectorFacts).toLocaleString('en');
  return `${facts} facts of ${polls} polls loaded`;
}
