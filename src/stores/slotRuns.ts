import { z } from 'zod';
import type { Day } from '../domain/day.js';
import type { Outcome } from '../domain/outcome.js';
import { formatSlot, isSlot, parseSlot, type Slot } from '../domain/slot.js';
import type { Store } from './store.js';

/**
 * The outcome record of a slot run: what became of every feed's poll. One per run of the workflow
 * `acquireSlot`, at `runs/<day>/<slot>/<run id>.json`; never changed.
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

/** The records of a day's slot runs, in the order of their slots; several where a slot was run again. */
export async function* listSlotRuns(store: Store, day: Day): AsyncGenerator<SlotRunKey> {
  for await (const { key } of store.list(`runs/${day}/`)) {
    const slot = /^runs\/[\d-]+\/(\d{8}T\d{4}Z)\/[^/]+\.json$/.exec(key)?.[1];
    if (slot && isSlot(slot)) yield { key, slot: parseSlot(slot) };
  }
}

/** Reads the record of a slot run. */
export async function getSlotRun(store: Store, key: string): Promise<SlotRun> {
  return slotRunSchema.parse(JSON.parse((await store.get(key)).toString()));
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
