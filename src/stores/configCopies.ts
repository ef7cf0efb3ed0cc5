import { createHash } from 'node:crypto';
import { formatInstant, parseInstant } from '../domain/instant.js';
import { collectorId, knownCollectorId } from './collectionLog.js';
import type { Store } from './store.js';

/**
 * Copies of people's own tables (the warehouse's schema `config`), beside the answers:
 * `config/<collector>/<table>/<instant>-<sha256 prefix>.csv`. A copy is never changed, and the newest one of a table
 * counts. So copies survive their warehouse, and the union of two raw stores keeps those of both.
 */
export interface ConfigCopy {
  key: string;
  collector: string;
  table: string;
  /** When it was made, milliseconds since the epoch. */
  madeMs: number;
  /** The first 16 hexadecimal digits of its SHA-256. */
  digest: string;
}

const KEY = /^config\/([^/]+)\/([^/]+)\/(\d{8}T\d{9}Z)-([0-9a-f]{16})\.csv$/;
const DIGEST_LENGTH = 16;

/** The prefix of all copies. */
export const CONFIG_PREFIX = 'config/';

/** SHA-256 of a copy's content. */
export function configDigest(csv: string): string {
  return createHash('sha256').update(csv).digest('hex');
}

/** Whether a copy is of that content, by its SHA-256. */
export function isCopyOf({ digest }: ConfigCopy, sha256: string): boolean {
  return sha256.startsWith(digest);
}

/** The copies of a table that a collector made, the oldest first. Keys that are not ours are passed over. */
export async function listOwnCopies(store: Store, table: string): Promise<ConfigCopy[]> {
  return listCopies(store, `${CONFIG_PREFIX}${await collectorId(store)}/${table}/`);
}

/**
 * The copies that a table may come back from, the best first: those that the store's own collector made, then those of
 * others; the newest first.
 */
export async function listRestorable(store: Store, table: string): Promise<ConfigCopy[]> {
  const own = await knownCollectorId(store);
  const ofTable = (await listCopies(store, CONFIG_PREFIX)).filter((copy) => copy.table === table);
  const rank = ({ collector }: ConfigCopy) => (collector === own ? 0 : 1);
  return ofTable.sort((a, b) => rank(a) - rank(b) || b.madeMs - a.madeMs || (a.key < b.key ? -1 : 1));
}

/** Writes a copy that is newer than all that this collector made, whatever the clock says. */
export async function putConfigCopy(
  store: Store,
  table: string,
  csv: string,
  { newestMs, nowMs }: { newestMs: number; nowMs: number },
): Promise<string> {
  const instant = formatInstant(Math.max(nowMs, newestMs + 1));
  const name = `${instant}-${configDigest(csv).slice(0, DIGEST_LENGTH)}.csv`;
  const key = `${CONFIG_PREFIX}${await collectorId(store)}/${table}/${name}`;
  await store.putNew(key, Buffer.from(csv));
  return key;
}

/** A copy that does not hold what was written: reading it again does not help, unlike a store that does not answer. */
export class DamagedCopy extends Error {
  override name = 'DamagedCopy';
}

/** Reads a copy. Throws {@link DamagedCopy} where it is not what was written, else what the store throws. */
export async function getConfigCopy(store: Store, copy: ConfigCopy): Promise<string> {
  const csv = (await store.get(copy.key)).toString('utf8');
  if (isCopyOf(copy, configDigest(csv))) return csv;
  throw new DamagedCopy(`${copy.key} does not hold what was written to it`);
}

async function listCopies(store: Store, prefix: string): Promise<ConfigCopy[]> {
  const found: ConfigCopy[] = [];
  for await (const { key } of store.list(prefix)) {
    const [, collector, table, instant, digest] = KEY.exec(key) ?? [];
    if (!collector || !table || !instant || !digest) continue;
    const madeMs = parseInstant(instant);
    if (!Number.isNaN(madeMs)) found.push({ key, collector, table, madeMs, digest });
  }
  return found.sort((a, b) => a.madeMs - b.madeMs);
}
