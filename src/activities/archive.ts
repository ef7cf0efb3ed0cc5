import { DateTime } from 'luxon';
import type { Day } from '../domain/day.js';
import type { Fields } from '../settings/slice.js';
import type { Store } from '../stores/store.js';
import type { Warehouse } from '../warehouse/warehouse.js';

/** Days that leave in one night: where retention is new, the past leaves in some nights. */
const DAYS_A_NIGHT = 100;

/** What the activities depend on that move old facts out of the warehouse. Each may run again at any point. */
export interface ArchiveDeps extends Fields<'general.timeZone' | 'loading.retentionMonths'> {
  flat: Store;
  warehouse: Warehouse;
  /** Milliseconds since the epoch. */
  now: () => number;
}

/** Returns the days whose facts are to leave, in order; none while the warehouse awaits its rebuild. */
export async function planArchive({
  warehouse,
  retentionMonths,
  timeZone,
  now,
}: Omit<ArchiveDeps, 'flat'>): Promise<{ days: Day[] }> {
  if (retentionMonths === undefined || (await warehouse.awaitsRebuild())) return { days: [] };
  const first = DateTime.fromMillis(now(), { zone: timeZone }).minus({ months: retentionMonths });
  return { days: await warehouse.archivableDays(first.toFormat('yyyy-MM-dd'), DAYS_A_NIGHT) };
}

/** Moves a day's facts into the flat store. Returns how many; none while the warehouse awaits its rebuild. */
export async function archiveDay(
  { flat, warehouse }: Pick<ArchiveDeps, 'flat' | 'warehouse'>,
  { day }: { day: Day },
): Promise<{ facts: number }> {
  if (await warehouse.awaitsRebuild()) return { facts: 0 };
  return { facts: (await warehouse.archiveDay(day, flat)) ?? 0 };
}
