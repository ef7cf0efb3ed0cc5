import { ApplicationFailure } from '@temporalio/activity';
import { addDays, type Day, dayOf, parseDay } from '../../domain/day.js';
import { awaitRebuild } from '../awaitRebuild.js';
import type { LoadDeps } from './deps.js';

/** Choice of the day to load: a local day, or the local day before an instant in milliseconds since the epoch. */
export type LoadPlanning = ({ day: Day } | { instantMs: number }) & { isRebuild: boolean };

/**
 * Return the local day to load, and whether its facts are archived. Waits until a warehouse of an earlier version is
 * rebuilt, unless the load belongs to a rebuild.
 *
 * @throws ApplicationFailure of type `NoDay` when the given text is no day
 */
export async function planLoad(
  deps: Pick<LoadDeps, 'warehouse' | 'lookAgainMs' | 'timeZone'>,
  { isRebuild, ...plan }: LoadPlanning,
): Promise<{ day: Day; isArchived: boolean }> {
  const day = plannedDay(plan, deps.timeZone);
  if (!isRebuild) await awaitRebuild(deps);
  return { day, isArchived: await deps.warehouse.isArchived({ day, isRebuild }) };
}

function plannedDay(plan: { day: Day } | { instantMs: number }, timeZone: string): Day {
  if (!('day' in plan)) return addDays(dayOf(plan.instantMs, timeZone), -1);
  try {
    return parseDay(plan.day);
  } catch (error) {
    throw ApplicationFailure.nonRetryable((error as Error).message, 'NoDay');
  }
}
