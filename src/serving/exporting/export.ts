import { Readable } from 'node:stream';
import type { Day } from '../../domain/day.js';
import type { Store } from '../../stores/store.js';
import type { Relation } from '../../warehouse/relation.js';
import type { TableSlice, Snapshot } from '../../warehouse/snapshot.js';
import type { Format } from './format.js';
import { isOfDays } from './selection.js';

/** Result of exporting one table. */
export interface ExportedTable {
  table: string;
  rows: number;
  /** Number of written files, including replaced files. */
  files: number;
  bytes: number;
  /** Number of files of an earlier export that were removed because their day has no rows any more. */
  removed: number;
  /** Days whose facts are archived. They have no rows, and their files of an earlier export are left unchanged. */
  archived: Day[];
}

/** Options of {@link exportTables}. */
export interface ExportOptions {
  tables: Relation[];
  /** Days to write of tables that have a column `day`. Other tables are written as a whole. */
  days: Day[];
  format: Format;
  store: Store;
  /** Stops the export. The file that is being written is discarded. */
  signal: AbortSignal;
  /** Receives the progress. */
  onProgress: (at: { table: string; day: Day | null; rows: number }) => void;
}

/**
 * Write tables as files: `<table>.<extension>`, or `<table>/day=<day>/part-0.<extension>` for a table with a column
 * `day`. Every loaded day has a file, even without rows. Each file is written completely or not at all, and replaces an
 * existing file. Idempotent: a second export of the same data writes the same files.
 */
export async function exportTables(snapshot: Snapshot, options: ExportOptions): Promise<ExportedTable[]> {
  const exported: ExportedTable[] = [];
  for (const relation of options.tables) exported.push(await exportTable(snapshot, relation, options));
  return exported;
}

async function exportTable(
  snapshot: Snapshot,
  relation: Relation,
  options: ExportOptions,
): Promise<ExportedTable> {
  const { format, store, signal } = options;
  const done: ExportedTable = { table: relation.name, rows: 0, files: 0, bytes: 0, removed: 0, archived: [] };
  const loaded = new Set(snapshot.days);
  for (const day of isOfDays(relation) ? options.days : [null]) {
    signal.throwIfAborted();
    const slice = sliceOf(relation, day, format);
    const key = keyOf(slice, format);
    const isArchived = day !== null && snapshot.archived.has(day);
    const mayBeEmpty = day === null || (loaded.has(day) && !isArchived);
    if (mayBeEmpty || (await snapshot.hasRows(slice))) {
      await writeFile(snapshot, slice, key, options, done);
    } else if (isArchived) {
      done.archived.push(day);
    } else if (await isThere(store, key)) {
      await store.remove(key);
      done.removed++;
    }
  }
  return done;
}

async function writeFile(
  snapshot: Snapshot,
  slice: TableSlice,
  key: string,
  { format, store, signal, onProgress }: ExportOptions,
  done: ExportedTable,
): Promise<void> {
  let rows = 0;
  const file = format.write(snapshot, slice, (more) => {
    rows += more;
    onProgress({ table: slice.relation.name, day: slice.day, rows });
  });
  const counted = async function* () {
    for await (const chunk of file) {
      done.bytes += chunk.length;
      yield chunk;
    }
  };
  await store.putStream(key, Readable.from(counted(), { objectMode: false, signal }));
  done.rows += rows;
  done.files++;
}

/** Return the slice of a table that one file holds. */
function sliceOf(relation: Relation, day: Day | null, { repeatsDay }: Format): TableSlice {
  const columns =
    day === null || repeatsDay ? relation.columns : relation.columns.filter(({ name }) => name !== 'day');
  return { relation, columns, day };
}

function keyOf({ relation: { name }, day }: TableSlice, { extension }: Format): string {
  return day === null ? `${name}.${extension}` : `${name}/day=${day}/part-0.${extension}`;
}

async function isThere(store: Store, key: string): Promise<boolean> {
  for await (const object of store.list(key)) if (object.key === key) return true;
  return false;
}
