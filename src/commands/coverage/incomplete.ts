import type { Day } from '../../domain/day.js';
import { readOwner } from '../../local/homeLock.js';
import { type IncompletePolls, readIncompletePolls } from '../../warehouse/open.js';
import type { Context } from '../context/context.js';

/** Incomplete polls of some days by feed and reason, or why they are not known. */
export type Incomplete = { polls: IncompletePolls[] } | { unknown: string };

/**
 * Read from the warehouse which stored polls of some days are not complete. Which polls are complete is known for
 * loaded days only. Nothing is started for it. Never throws.
 */
export async function readIncomplete({ config }: Pick<Context, 'config'>, days: Day[]): Promise<Incomplete> {
  const [from, to] = [days[0], days.at(-1)];
  if (from === undefined || to === undefined) return { polls: [] };
  try {
    const url = config.warehouse.url ?? readOwner(config.general.home)?.addresses?.postgresUrl;
    if (url === undefined) return { unknown: 'no warehouse runs' };
    return { polls: await readIncompletePolls(url, { from, to }) };
  } catch (error) {
    return { unknown: (error as Error).message };
  }
}

/** Return the number of incomplete polls, of one feed or of all, by reason. */
export function countIncomplete(
  incomplete: Incomplete,
  feed?: string,
): { polls: number; reasons: Record<string, number> } | null {
  if ('unknown' in incomplete) return null;
  const found = incomplete.polls.filter((one) => feed === undefined || one.feed === feed);
  const reasons: Record<string, number> = {};
  for (const { reason, polls } of found) reasons[reason] = (reasons[reason] ?? 0) + polls;
  return { polls: found.reduce((sum, { polls }) => sum + polls, 0), reasons };
}
