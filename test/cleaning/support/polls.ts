import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { dayOf, slotsOfDay } from '../../../src/domain/day.js';
import { slotOf, type Slot } from '../../../src/domain/slot.js';
import { FileStore } from '../../../src/stores/file.js';
import { UNFINISHED_FOLDER } from '../../../src/stores/key.js';
import { putRaw } from '../../../src/stores/raw.js';
import type { Store } from '../../../src/stores/store.js';

export const ZONE = 'Europe/Berlin';
export const DAY = '2022-01-11';
export const FEED = 'koeln';

/** Return a slot of {@link DAY}, by its number from 0 to 143. */
export function slotAt(index: number): Slot {
  return slotsOfDay(DAY, ZONE, 10)[index] ?? NaN;
}

export interface RawPoll {
  slot: Slot;
  /** Body of the answer; a Buffer is stored unchanged, and other values as JSON. */
  body: unknown;
  feed?: string;
  source?: string;
  receivedMs?: number;
}

/** Store a body as a poll does. Default receipt: three seconds after the slot. Returns the key. */
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
  return putRaw(unflushed(raw), 'accepted', origin, bytes);
}

/**
 * Return a store that does not flush new files to the disk. Flushing each answer would take most of the tests' time.
 */
function unflushed(raw: Store): Store {
  // Stores in which a test provokes failures are left unchanged.
  if (Object.getPrototypeOf(raw) !== FileStore.prototype) return raw;
  const root = raw.url.slice('file:'.length);
  const putNew = (key: string, body: Uint8Array): Promise<boolean> => {
    const [target, unfinished] = [join(root, key), join(root, UNFINISHED_FOLDER, randomUUID())];
    if (existsSync(target)) return Promise.resolve(false);
    for (const path of [target, unfinished]) mkdirSync(dirname(path), { recursive: true, mode: 0o750 });
    writeFileSync(unfinished, body, { mode: 0o640 });
    renameSync(unfinished, target);
    return Promise.resolve(true);
  };
  return Object.assign(Object.create(raw) as Store, { putNew });
}

/** Return an accepted answer. Default timestamp: two seconds after the slot. */
export function envelope(slot: Slot, stations: unknown[], timestamp = isoSeconds(slot + 2_000)): object {
  return { data: stations, status_code: 1000, status_message: 'Success', timestamp };
}

/** Format an instant as the feed does: whole seconds, with an offset. */
export function isoSeconds(instantMs: number): string {
  return new Date(instantMs).toISOString().replace(/\.\d+Z$/, '+00:00');
}

/** Return a charging point. Default connectors: one, `<uid>0`, with the same status. */
export function point(uid: unknown, status: unknown = 'AVAILABLE', fields: Record<string, unknown> = {}) {
  return { uid, status, connectors: [{ id: `${String(uid)}0`, status }], ...fields };
}

export function station(id: unknown, evses: unknown[], fields: Record<string, unknown> = {}) {
  return { id, name: `Station ${String(id)}`, city: 'Köln', evses, ...fields };
}
