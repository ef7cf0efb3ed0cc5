import { DateTime } from 'luxon';
import type { Day } from '../domain/day.js';
import type { Fields } from '../settings/slice.js';
import type { Store } from '../stores/store.js';
import type { Warehouse } from '../warehouse/warehouse.js';

/**
 * Largest number of days that are archived in one night. With a new retention setting, archiving the past takes several
 * nights.
 */
const DAYS_A_NIGHT = 100;

/** Dependencies of the activities that move old facts out of the warehouse. Each activity is idempotent. */
export interface ArchiveDeps extends Fields<'general.timeZone' | 'loading.retentionMonths'> {
  flat: Store;
  warehouse: Warehouse;
  /** Milliseconds since the epoch. */
  now: () => number;
}

/** Return the days whose facts are to be archived, in order. Returns none while the warehouse awaits its rebuild. */
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

/** Move a day's facts into the flat store. Returns the number of facts; 0 while the warehouse awaits its rebuild. */
export async function archiveDay(
  { flat, warehouse }: Pick<ArchiveDeps, 'flat' | 'warehouse'>,
  { day }: { day: Day },
): Promise<{ facts: number }> {
  if (await warehouse.awaitsRebuild()) return { facts: 0 };
  return { facts: (await warehouse.archiveDay(day, flat)) ?? 0 };
}
