import { z } from 'zod';
import type { Day } from '../domain/day.js';
import type { Outcome } from '../domain/outcome.js';
import { formatSlot, isSlot, parseSlot, type Slot } from '../domain/slot.js';
import type { Store } from './store.js';

/**
 * The record of a slot run: the outcome of every feed's poll in one run of the workflow `acquireSlot`. It is stored at
 * `runs/<day>/<slot>/<run id>.json` and never changed. Sealing a day copies each feed's outcomes into its sealed
 * object, then removes the day's records except those of its last slot.
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

/** The outcome of one feed in one slot run. */
export const feedOutcomeSchema = outcomeSchema
  .omit({ feed: true })
  .extend(slotRunSchema.pick({ slot: true, run_id: true, workflow_id: true, recorded_at: true }).shape);

export type FeedOutcome = z.infer<typeof feedOutcomeSchema>;

/** List the outcomes of a slot run by feed. */
export function feedOutcomes({ slot, run_id, workflow_id, recorded_at, outcomes }: SlotRun): {
  feed: string;
  outcome: FeedOutcome;
}[] {
  return outcomes.map(({ feed, ...outcome }) => ({
    feed,
    outcome: { slot, run_id, workflow_id, recorded_at, ...outcome },
  }));
}

/** Store the record of a slot run. Idempotent. */
export async function putSlotRun(
  store: Store,
  day: Day,
  slot: Slot,
  run: Omit<SlotRun, 'version' | 'slot'>,
): Promise<void> {
  const record: SlotRun = { version: 1, slot: formatSlot(slot), ...run };
  await store.putNew(`runs/${day}/${record.slot}/${run.run_id}.json`, Buffer.from(JSON.stringify(record)));
}

/** The record of a slot run, as far as its key describes it. */
export interface SlotRunKey {
  key: string;
  slot: Slot;
}

/** Parse the key of a record; null for a key of any other form. */
export function parseSlotRunKey(key: string): { day: Day; slot: Slot } | null {
  const [, day, slot] = /^runs\/([\d-]+)\/(\d{8}T\d{4}Z)\/[^/]+\.json$/.exec(key) ?? [];
  return day !== undefined && slot !== undefined && isSlot(slot) ? { day, slot: parseSlot(slot) } : null;
}

/**
 * List the records of a day's slot runs, ordered by slot. A slot has several records when it was run more than once.
 */
export async function* listSlotRuns(store: Store, day: Day): AsyncGenerator<SlotRunKey> {
  for await (const { key } of store.list(`runs/${day}/`)) {
    const parsed = parseSlotRunKey(key);
    if (parsed) yield { key, slot: parsed.slot };
  }
}

/**
 * Read the record of a slot run.
 *
 * @throws ObjectNotFound when no object has this key
 * @throws SyntaxError or ZodError when the object is not a valid record
 */
export async function getSlotRun(store: Store, key: string): Promise<SlotRun> {
  return slotRunSchema.parse(JSON.parse((await store.get(key)).toString()));
}

/** Return whether bytes are a valid record of a slot run. */
export function isSlotRun(body: Buffer): boolean {
  try {
    return slotRunSchema.safeParse(JSON.parse(body.toString())).success;
  } catch {
    return false;
  }
}

/** Read the record of a slot run like {@link getSlotRun}, but return null when the object is not a valid record. */
export async function getReadableSlotRun(store: Store, key: string): Promise<SlotRun | null> {
  try {
    return await getSlotRun(store, key);
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof z.ZodError) return null;
    throw error;
  }
}

/** Return the latest record of the latest slot that was run; null when no slot was ever run. */
export async function lastSlotRun(store: Store): Promise<SlotRun | null> {
  const day = (await store.listFolders('runs/')).at(-1);
  if (day === undefined) return null;
  const slot = (await store.listFolders(`runs/${day}/`)).at(-1);
  const runs: SlotRun[] = [];
  for await (const { key } of store.list(`runs/${day}/${slot ?? ''}/`))
    runs.push(await getSlotRun(store, key));
  return runs.sort((a, b) => (a.recorded_at < b.recorded_at ? -1 : 1)).at(-1) ?? null;
}

/** The latest slots that were run, with their records. */
export interface RecentRuns {
  /** Latest slot first. A slot has several records when it was run more than once. Invalid records are left out. */
  runs: { slot: Slot; runs: SlotRun[] }[];
  /** The latest days that have slot runs, in order. */
  days: Day[];
}

/** Read the records of the latest slots, and the latest days that have slot runs: at most `most` of each. */
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
