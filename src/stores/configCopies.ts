import { createHash } from 'node:crypto';
import { formatInstant, parseInstant } from '../domain/instant.js';
import { collectorId, knownCollectorId } from './collectionLog.js';
import type { Store } from './store.js';

/**
 * A copy of one of the tables that people edit (the warehouse's schema `config`), in the raw store:
 * `config/<collector>/<table>/<instant>-<sha256 prefix>.csv`. A copy is never changed. The newest copy of a table
 * counts. Copies outlive their warehouse, and the union of two raw stores has the copies of both.
 */
export interface ConfigCopy {
  key: string;
  collector: string;
  table: string;
  /** Milliseconds since the epoch at which the copy was made. */
  madeMs: number;
  /** The first 16 hexadecimal digits of the content's SHA-256. */
  digest: string;
}

const KEY = /^config\/([^/]+)\/([^/]+)\/(\d{8}T\d{9}Z)-([0-9a-f]{16})\.csv$/;
const DIGEST_LENGTH = 16;

/** The prefix of all copies. */
export const CONFIG_PREFIX = 'config/';

/** Return the SHA-256 of a copy's content. */
export function configDigest(csv: string): string {
  return createHash('sha256').update(csv).digest('hex');
}

/** Return whether a copy has the content with this SHA-256. */
export function isCopyOf({ digest }: ConfigCopy, sha256: string): boolean {
  return sha256.startsWith(digest);
}

/** List the copies of a table that this store's collector made, oldest first. Ignores keys of any other form. */
export async function listOwnCopies(store: Store, table: string): Promise<ConfigCopy[]> {
  return listCopies(store, `${CONFIG_PREFIX}${await collectorId(store)}/${table}/`);
}

/**
 * List the copies from which a table can be restored, best first: the copies of this store's collector, then those of
 * other collectors; within each group the newest first.
 */
export async function listRestorable(store: Store, table: string): Promise<ConfigCopy[]> {
  const own = await knownCollectorId(store);
  const ofTable = (await listCopies(store, CONFIG_PREFIX)).filter((copy) => copy.table === table);
  const rank = ({ collector }: ConfigCopy) => (collector === own ? 0 : 1);
  return ofTable.sort((a, b) => rank(a) - rank(b) || b.madeMs - a.madeMs || (a.key < b.key ? -1 : 1));
}

/** Write a copy with a later instant than `newestMs`, even when the clock is behind. Returns its key. */
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

/** The content of a copy differs from what was written. Unlike a failure of the store, reading again does not help. */
export class DamagedCopy extends Error {
  override name = 'DamagedCopy';
}

/**
 * Read a copy.
 *
 * @throws DamagedCopy when the content differs from what was written
 */
export async function getConfigCopy(store: Store, copy: ConfigCopy): Promise<string> {
  const csv = (await store.get(copy.key)).toString('utf8');
  if (isCopyOf(copy, configDigest(csv))) return csv;
  throw new DamagedCopy(`${copy.key} is damaged: its content does not match the digest in its key`);
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
