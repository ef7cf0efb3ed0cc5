import type pg from 'pg';
import { collectorId } from '../stores/collectionLog.js';
import {
  type ConfigCopy,
  configDigest,
  DamagedCopy,
  getConfigCopy,
  isCopyOf,
  listOwnCopies,
  listRestorable,
  putConfigCopy,
} from '../stores/configCopies.js';
import type { Store } from '../stores/store.js';
import { withClient } from './connection.js';
import { DECISION_TABLES, type Decision, type DecisionTable, DEFAULT_DECISIONS } from './decisions.js';
import { readDecisionsCsv, writeDecisions } from './decisionsCsv.js';
import {
  type DecisionWords,
  type DecisionState,
  noteCopy,
  readState,
  restoreDecisions,
} from './decisionTables.js';
import { clientUrl, wordsOf } from './open.js';

/** Result of synchronising one table of schema `config`. */
export interface SyncedDecisions {
  table: DecisionTable;
  /** `copied` to the raw store, or `restored` from it. */
  did: 'copied' | 'restored';
  rows: number;
  /** Key of the copy in the raw store. `madeMs` is the time of the copy in milliseconds since the epoch. */
  key: string;
  madeMs: number;
  /** Why newer copies were skipped, or which copy of another warehouse is no longer in effect. */
  problems?: string[];
}

export interface SyncOptions {
  /** Connection string of the warehouse's owner. */
  url: string;
  raw: Store;
  /** Current time, in milliseconds since the epoch. */
  nowMs: number;
  /**
   * Whether to read the raw store too: newer copies there are restored, and missing copies are written. If false, only
   * tables that were edited since the last copy are copied, and the raw store is not read otherwise.
   */
  isThorough: boolean;
  /** A table that was edited just now. It is copied even if it equals the table of a new warehouse. */
  edited?: DecisionTable;
}

/**
 * Synchronise the tables of schema `config` with the raw store, because nothing else can restore them. Idempotent, also
 * when two calls run at once. After a failure, a second call continues.
 *
 * An edited table is copied to the raw store. The newest copy is restored if the table is that of a new warehouse. It
 * is also restored if another warehouse on the same raw store was edited, and this one was not. An edit is never
 * replaced by an older copy.
 *
 * @throws the error of the warehouse or the raw store when one of them fails
 */
export async function syncDecisions(options: SyncOptions): Promise<SyncedDecisions[]> {
  const words = wordsOf(options.url);
  return withClient(clientUrl(options.url), 'ladepuls config', async (client) => {
    const synced: SyncedDecisions[] = [];
    for (const table of DECISION_TABLES) {
      const done = await syncTable({ ...options, words, client }, table);
      if (done) synced.push(done);
    }
    return synced;
  });
}

type Syncing = SyncOptions & { words: DecisionWords; client: pg.Client };

async function syncTable(syncing: Syncing, table: DecisionTable): Promise<SyncedDecisions | null> {
  const { client, raw, isThorough, edited, nowMs } = syncing;
  const state = await readState(client, table);
  if (edited !== table && isNew(table, state)) return isThorough ? restoreNewest(syncing, table) : null;
  const collector = await collectorId(raw);
  const csv = writeDecisions(table, state.rows);
  const sha256 = configDigest(csv);
  const noted = state.copies.get(collector);
  const isNoted = noted === sha256;
  if (isNoted && !isThorough) return null;
  const copies = await listOwnCopies(raw, table);
  const newest = copies.at(-1);
  if (isNoted && newest !== undefined) {
    if (isCopyOf(newest, sha256)) return null;
    const taken = await takeNewer(syncing, table, { newest, collector, sha256 });
    if (taken !== null || copies.some((copy) => isCopyOf(copy, sha256))) return taken;
  }
  const isThere = newest !== undefined && isCopyOf(newest, sha256);
  const newestMs = newest?.madeMs ?? -Infinity;
  const key = isThere ? newest.key : await putConfigCopy(raw, table, csv, { newestMs, nowMs });
  await noteCopy(client, table, { collector, sha256, nowMs });
  if (isThere) return null;
  const isOvertaken = noted !== undefined && newest !== undefined && !isCopyOf(newest, noted);
  const problems = isOvertaken
    ? [`it replaces ${newest.key}, a newer copy of another warehouse with this raw store`]
    : [];
  return { table, did: 'copied', rows: state.rows.length, key, madeMs: nowMs, problems };
}

/**
 * Restore a newer copy of another warehouse on the same raw store. In this warehouse, nobody has edited the table since
 * its last copy was recorded.
 *
 * @returns null if the table is being edited at this moment, or the copy can't be used
 */
async function takeNewer(
  { words, client, raw, nowMs }: Syncing,
  table: DecisionTable,
  { newest, collector, sha256 }: { newest: ConfigCopy; collector: string; sha256: string },
): Promise<SyncedDecisions | null> {
  const read = await readCopy(raw, newest, table);
  if ('problem' in read) return null;
  const { csv, rows } = read;
  const isRestored = await restoreDecisions(words, client, table, {
    rows,
    isAsItWas: (state) =>
      state.copies.get(collector) === sha256 && configDigest(writeDecisions(table, state.rows)) === sha256,
    collector,
    sha256: configDigest(csv),
    nowMs,
  });
  const { key, madeMs } = newest;
  return isRestored ? { table, did: 'restored', rows: rows.length, key, madeMs } : null;
}

/**
 * Return whether a table equals that of a new warehouse: nobody has edited it, and no copy of it was made or restored.
 */
function isNew(table: DecisionTable, { rows, copies }: DecisionState): boolean {
  return copies.size === 0 && writeDecisions(table, rows) === writeDecisions(table, DEFAULT_DECISIONS[table]);
}

async function restoreNewest(syncing: Syncing, table: DecisionTable): Promise<SyncedDecisions | null> {
  const { words, client, raw, nowMs } = syncing;
  const problems: string[] = [];
  for (const copy of await listRestorable(raw, table)) {
    const read = await readCopy(raw, copy, table);
    if ('problem' in read) {
      problems.push(read.problem);
      continue;
    }
    const { csv, rows } = read;
    const isRestored = await restoreDecisions(words, client, table, {
      rows,
      isAsItWas: (state) => isNew(table, state),
      collector: await collectorId(raw),
      sha256: configDigest(csv),
      nowMs,
    });
    const { key, madeMs } = copy;
    return isRestored ? { table, did: 'restored', rows: rows.length, key, madeMs, problems } : null;
  }
  if (problems.length === 0) return null;
  throw new Error(
    `config.${table} can't be restored, because none of its copies in the raw store can be used: ${problems.join('; ')}. ` +
      `Fill the table with "ladepuls config import ${table} FILE".`,
  );
}

/**
 * Read a copy, or return its problem.
 *
 * @throws the error of the store when the store fails, since otherwise an older copy would be taken for the newest
 */
async function readCopy(
  raw: Store,
  copy: ConfigCopy,
  table: DecisionTable,
): Promise<{ csv: string; rows: Decision[] } | { problem: string }> {
  let csv: string;
  try {
    csv = await getConfigCopy(raw, copy);
  } catch (error) {
    if (error instanceof DamagedCopy) return { problem: error.message };
    throw error;
  }
  try {
    return { csv, rows: readDecisionsCsv(table, csv) };
  } catch (error) {
    return { problem: `${copy.key}: ${(error as Error).message}` };
  }
}

/** Describe the result of a synchronisation in one line for people. */
export function describeSynced({ table, did, rows, key, madeMs, problems = [] }: SyncedDecisions): string {
  const counted = `${rows} ${rows === 1 ? 'row' : 'rows'}`;
  return did === 'copied'
    ? `config.${table} (${counted}) was copied to the raw store: ${[key, ...problems].join('; ')}`
    : `config.${table} was restored from the raw store: ${counted}, as of ${describeInstant(madeMs)}${passedOver(problems)}`;
}

function passedOver(problems: readonly string[]): string {
  return problems.length === 0 ? '' : `; newer copies could not be used: ${problems.join('; ')}`;
}

/** @example '2026-11-30 04:09 UTC' */
export function describeInstant(instantMs: number): string {
  return `${new Date(instantMs).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}
