import { z } from 'zod';
import type { Day } from '../domain/day.js';
import type { Outcome } from '../domain/outcome.js';
import { formatSlot, type Slot } from '../domain/slot.js';
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

/** All slot runs of a day, in the order of their slots. */
export async function* listSlotRuns(store: Store, day: Day): AsyncGenerator<SlotRun> {
  for await (const { key } of store.list(`runs/${day}/`)) {
    yield slotRunSchema.parse(JSON.parse((await store.get(key)).toString()));
  }
}
