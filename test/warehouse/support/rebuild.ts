import { randomUUID } from 'node:crypto';
import { expect } from 'vitest';
import type { Day } from '../../../src/domain/day.js';
import { listStored } from '../../../src/stores/raw.js';
import { runActivity } from '../../activities/support/runActivity.js';
import { type LoadBench, newLoad, stepsOf } from './loads.js';
import { column, digest } from './query.js';

/**
 * Rebuild a warehouse as the workflow does. Return the days that were copied from the published warehouse, with the
 * feeds that lack answers.
 */
export async function rebuild(
  bench: LoadBench,
  { restore = false }: { restore?: boolean } = {},
): Promise<Record<Day, string>> {
  const { activities, warehouse } = bench;
  const name = randomUUID();
  const broughtOver: Record<Day, string> = {};
  try {
    for (const day of await runActivity(activities.beginRebuild, name)) {
      const { isArchived } = await runActivity(activities.planLoad, { day, isRebuild: true });
      const load = { ...newLoad(day), isRebuild: true, withoutFacts: isArchived && !restore };
      const { lost } = await runActivity(activities.openLoad, load);
      if (lost === undefined) {
        for (const step of stepsOf(bench, load, 'rebuild')) await step.run();
      } else {
        await runActivity(activities.bringOver, { ...load, reason: 'rebuild' });
        broughtOver[day] = lost;
      }
    }
    expect(await warehouse.exchange(name)).toEqual([]);
  } finally {
    await warehouse.discardRebuild(name);
  }
  await warehouse.dropReplaced();
  return broughtOver;
}

/** Remove answers of a feed's day from the raw store, by default all. Return their number. */
export async function loseAnswers(
  { raw }: Pick<LoadBench, 'raw'>,
  feed: string,
  day: Day,
  isLost: (index: number) => boolean = () => true,
): Promise<number> {
  const answers = (await listStored(raw, 'accepted', feed, day)).filter((_, index) => isLost(index));
  for (const { key } of answers) await raw.remove(key);
  return answers.length;
}

/**
 * Return the digest of the data that readers see. It does not include which answers a day was built from, since that
 * changes when answers are lost.
 */
export async function digestOfContent(url: string): Promise<Record<string, string>> {
  const [ledger] = await column(
    url,
    `select count(*) || ' ' || md5(string_agg(line, E'\\n' order by line collate "C")) from (
       select (to_jsonb(ledger) - 'inventory')::text as line from ops.ledger) lines`,
  );
  return { ...(await digest(url)), 'ops.ledger': String(ledger) };
}
