import { z } from 'zod';
import type { Day } from '../domain/day.js';
import type { Outcome } from '../domain/outcome.js';
import { formatSlot, isSlot, parseSlot, type Slot } from '../domain/slot.js';
import type { Store } from './store.js';

/**
 * The outcome record of a slot run: what became of every feed's poll. One per run of the workflow
 * `acquireSlot`, at `runs/<day>/<slot>/<run id>.json`; never changed. When the day is sealed, each feed's outcomes go
 * into its sealed object, and the records but those of the day's last slot go.
 */
const outcomeSchema = z.object({
  feed: z.string(),
  outcome: z.enum(['stored', 'failed', 'missed']),
  reason: z.string().nullable(),
  key: z.string().nullable(),
  attempts: z.number(),
}) satisfies z.ZodType<Outcome>;

const slotRunSchema = z.object({
  version: z.literal(1),
  slot: z.string(),
  workflow_id: z.string(),
  run_id: z.string(),
  recorded_at: z.string(),
  outcomes: z.array(outcomeSchema),
});

export type SlotRun = z.infer<typeof slotRunSchema>;

/** One feed's outcome in one slot run. */
export const feedOutcomeSchema = outcomeSchema
  .omit({ feed: true })
  .extend(slotRunSchema.pick({ slot: true, run_id: true, workflow_id: true, recorded_at: true }).shape);

export type FeedOutcome = z.infer<typeof feedOutcomeSchema>;

/** What became of each feed in a slot run. */
export function feedOutcomes({ slot, run_id, workflow_id, recorded_at, outcomes }: SlotRun): {
  feed: string;
  outcome: FeedOutcome;
}[] {
  return outcomes.map(({ feed, ...outcome }) => ({
    feed,
    outcome: { slot, run_id, workflow_id, recorded_at, ...outcome },
  }));
}

/** Keeps the outcomes of a slot run. Keeping them again changes nothing. */
export async function putSlotRun(
  store: Store,
  day: Day,
  slot: Slot,
  run: Omit<SlotRun, 'version' | 'slot'>,
): Promise<void> {
  const record: SlotRun = { version: 1, slot: formatSlot(slot), ...run };
  await store.putNew(`runs/${day}/${record.slot}/${run.run_id}.json`, Buffer.from(JSON.stringify(record)));
}

/** A slot run's record as its key tells of it. */
export interface SlotRunKey {
  key: string;
  slot: Slot;
}

/** The day and slot of a record's key; null for keys that are not ours. */
export function parseSlotRunKey(key: string): { day: Day; slot: Slot } | null {
  const [, day, slot] = /^runs\/([\d-]+)\/(\d{8}T\d{4}Z)\/[^/]+\.json$/.exec(key) ?? [];
  return day !== undefined && slot !== undefined && isSlot(slot) ? { day, slot: parseSlot(slot) } : null;
}

/** The records of a day's slot runs, in the order of their slots; several where a slot was run again. */
export async function* listSlotRuns(store: Store, day: Day): AsyncGenerator<SlotRunKey> {
  for await (const { key } of store.list(`runs/${day}/`)) {
    const parsed = parseSlotRunKey(key);
    if (parsed) yield { key, slot: parsed.slot };
  }
}

/** Reads the record of a slot run. Throws ObjectNotFound, and others where it holds no such record. */
export async function getSlotRun(store: Store, key: string): Promise<SlotRun> {
  return slotRunSchema.parse(JSON.parse((await store.get(key)).toString()));
}

/** Whether bytes are the record of a slot run. */
export function isSlotRun(body: Buffer): boolean {
  try {
    return slotRunSchema.safeParse(JSON.parse(body.toString())).success;
  } catch {
    return false;
  }
}

/** {@link getSlotRun} for those who leave alone what holds no record of a slot run: null says so. */
export async function getReadableSlotRun(store: Store, key: string): Promise<SlotRun | null> {
  try {
    return await getSlotRun(store, key);
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof z.ZodError) return null;
    throw error;
  }
}

/** The record of the latest slot that was run, of its last run; null where none ever was. */
export async function lastSlotRun(store: Store): Promise<SlotRun | null> {
  const day = (await store.listFolders('runs/')).at(-1);
  if (day === undefined) return null;
  const slot = (await store.listFolders(`runs/${day}/`)).at(-1);
  const runs: SlotRun[] = [];
  for await (const { key } of store.list(`runs/${day}/${slot ?? ''}/`))
    runs.push(await getSlotRun(store, key));
  return runs.sort((a, b) => (a.recorded_at < b.recorded_at ? -1 : 1)).at(-1) ?? null;
}

/** How the last slots were that were run. */
export interface RecentRuns {
  /** The latest first; of a slot that was run again, all its runs. Spoiled records are left out. */
  runs: { slot: Slot; runs: SlotRun[] }[];
  /** The days that have slot runs, in order. */
  days: Day[];
}

/** Looks up the last slots that were run, at most so many, and the last days that have slot runs. */
export async function readRecentRuns(
  store: Store,
  most: { slots: number; days: number },
): Promise<RecentRuns> {
  const folders = await store.listFolders('runs/');
  const days = folders.filter((name) => /^\d{4}-\d\d-\d\d$/.test(name)).slice(-most.days);
  const runs: RecentRuns['runs'] = [];
  for (const day of days.toReversed()) {
    const slots = (await store.listFolders(`runs/${day}/`)).filter(isSlot).toReversed();
    for (const slot of slots.slice(0, most.slots - runs.length)) {
      const records: SlotRun[] = [];
      for await (const { key } of store.list(`runs/${day}/${slot}/`)) {
        const record = await getReadableSlotRun(store, key);
        if (record) records.push(record);
      }
      if (records.length > 0) runs.push({ slot: parseSlot(slot), runs: records });
    }
    if (runs.length >= most.slots) break;
  }
  return { runs, days };
}
