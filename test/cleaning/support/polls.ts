import { dayOf, slotsOfDay } from '../../../src/domain/day.js';
import { slotOf, type Slot } from '../../../src/domain/slot.js';
import { putRaw } from '../../../src/stores/raw.js';
import type { Store } from '../../../src/stores/store.js';

export const ZONE = 'Europe/Berlin';
export const DAY = '2022-01-11';
export const FEED = 'koeln';

/** A slot of {@link DAY}, from 0 to 143. */
export function slotAt(index: number): Slot {
  return slotsOfDay(DAY, ZONE, 10)[index] ?? NaN;
}

export interface RawPoll {
  slot: Slot;
  /** JSON is written as such; a buffer goes as it is. */
  body: unknown;
  feed?: string;
  source?: string;
  receivedMs?: number;
}

/** Keeps a body as if it had been polled, three seconds into its slot where nothing else is said. Returns its key. */
export function putPoll(raw: Store, poll: RawPoll): Promise<string> {
  const { slot, body, feed = FEED, source = 'chargecloud', receivedMs = slot + 3_000 } = poll;
  const origin = {
    feed,
    source,
    url: null,
    origin: 'poll',
    started_at: null,
    http_status: 200,
    attempts: 1,
    reason: null,
    file: null,
    slot,
    day: dayOf(slotOf(slot, 1), ZONE),
    receivedMs,
  } as const;
  const bytes = Buffer.isBuffer(body) ? body : Buffer.from(JSON.stringify(body));
  return putRaw(raw, 'polls', origin, bytes);
}

/** A good answer; its timestamp is the slot's second second where nothing else is said. */
export function envelope(slot: Slot, stations: unknown[], timestamp = isoSeconds(slot + 2_000)): object {
  return { data: stations, status_code: 1000, status_message: 'Success', timestamp };
}

/** As the feed writes instants: whole seconds, with an offset. */
export function isoSeconds(instantMs: number): string {
  return new Date(instantMs).toISOString().replace(/\.\d+Z$/, '+00:00');
}

/** A charging point with one connector of the same status, `<uid>0`, where no others are given. */
export function point(uid: unknown, status: unknown = 'AVAILABLE', fields: Record<string, unknown> = {}) {
  return { uid, status, connectors: [{ id: `${String(uid)}0`, status }], ...fields };
}

export function station(id: unknown, evses: unknown[], fields: Record<string, unknown> = {}) {
  return { id, name: `Station ${String(id)}`, city: 'Köln', evses, ...fields };
}
