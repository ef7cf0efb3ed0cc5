import { resolve } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { readAsCsv } from '../../serving/exporting/csv.js';
import { putDictionary } from '../../serving/exporting/dictionary.js';
import { type ExportedTable, exportTables } from '../../serving/exporting/export.js';
import type { FormatName, TableFormatName } from '../../serving/exporting/names.js';
import type { StationFormat } from '../../serving/exporting/stationFormats.js';
import { FORMATS, STATION_FORMATS, SPREADSHEET_FORMATS } from '../../serving/exporting/registry.js';
import { chooseDays, chooseTables, isOfDays } from '../../serving/exporting/selection.js';
import { openStore } from '../../stores/open.js';
import type { Store } from '../../stores/store.js';
import { openQueries, openSnapshot, readLoadedState } from '../../warehouse/open.js';
import type { Relation } from '../../warehouse/relation.js';
import type { Snapshot } from '../../warehouse/snapshot.js';
import { CommandFailed, type Context } from '../context/context.js';
import { describeDays } from '../context/days.js';
import { ProgressLine } from '../console/progressLine.js';
import { formatTable } from '../console/table.js';
import { withWarehouse } from '../context/withWarehouse.js';

const NOTHING_LOADED = 'No day is loaded yet. Load a day with "ladepuls load --from DAY".';
/** Time limit of the query for one page of stations. A page takes a second or two in a very large warehouse. */
const PAGE_TIMEOUT_MS = 60_000;

/** Options of `ladepuls export`. */
export interface ExportOptions {
  table?: string;
  from?: string;
  to?: string;
  toFile?: string;
  toStore?: string;
  forSpreadsheets?: boolean;
  json?: boolean;
}

/** The tables and days to write, chosen from those in the warehouse. */
interface Chosen {
  tables: Relation[];
  days: string[];
}

/**
 * Export data of the warehouse (`ladepuls export`).
 * Tables become files in a folder or a store, or one table becomes CSV on standard output. Stations become one file.
 */
export async function exportWarehouse(
  context: Context,
  format: FormatName,
  options: ExportOptions,
): Promise<void> {
  if (options.forSpreadsheets && !(format in SPREADSHEET_FORMATS))
    throw new CommandFailed(
      `--for-spreadsheets is only for csv, because spreadsheets find no formulas in ${format}. Omit the option.`,
    );
  if (isOfStations(format)) await exportStations(context, STATION_FORMATS[format], options);
  else await exportTablesAs(context, format, options);
}

function isOfStations(format: FormatName): format is keyof typeof STATION_FORMATS {
  return format in STATION_FORMATS;
}

/** Write all stations as they are now: as one file in a folder or a store, or to standard output. */
async function exportStations(
  context: Context,
  format: StationFormat,
  options: ExportOptions,
): Promise<void> {
  const { config, env, signal } = context;
  const { table, from, to, toFile, json } = options;
  if (table !== undefined || from !== undefined || to !== undefined)
    throw new CommandFailed(
      '--table, --from and --to are only for parquet and csv. ocpi and geojson contain all stations with their current status. Omit these options.',
    );
  const target = targetOf(options);
  if (target === null && json)
    throw new CommandFailed('--json needs --to-file FOLDER or --to-store ADDRESS. Add one of them.');
  const option = toFile === undefined ? '--to-store' : '--to-file';
  const store = target === null ? null : named(option, () => openStore(target, env, { isShared: true }));
  const line = new ProgressLine();
  let stations = 0;
  try {
    await withWarehouse(context, async (url) => {
      const { timeZone } = config.general;
      if ((await readLoadedState(url)).day === null) throw new CommandFailed(NOTHING_LOADED);
      const queries = openQueries(url, {
        connections: 1,
        timeoutMs: PAGE_TIMEOUT_MS,
        bridgedSlots: config.loading.bridgedSlots,
      });
      try {
        const text = format.write(queries, {
          timeZone,
          onRows: (more) => {
            stations += more;
            if (store || !process.stdout.isTTY) line.show(() => `${stations.toLocaleString('en')} stations`);
          },
        });
        const bytes = Readable.from(text, { objectMode: false, signal });
        if (store) await store.putStream(format.file, bytes);
        else await pipeline(bytes, process.stdout, { signal, end: false }).catch(unlessReadEnough);
      } finally {
        await queries.close();
      }
    });
    line.clear();
    if (!store) return;
    const written = { target: store.url, file: format.file, stations };
    process.stdout.write(
      json
        ? `${JSON.stringify(written)}\n`
        : `${stations.toLocaleString('en')} stations in ${format.file}, in ${store.url}\n`,
    );
  } finally {
    line.clear();
    await store?.close();
  }
}

async function exportTablesAs(
  context: Context,
  format: TableFormatName,
  options: ExportOptions,
): Promise<void> {
  const store = openTarget(context, format, options);
  const line = new ProgressLine();
  try {
    await withWarehouse(context, async (url) => {
      const snapshot = await openSnapshot(url);
      try {
        const chosen = choose(snapshot, options);
        if (store) await writeFiles({ context, format, options, store, snapshot, line }, chosen);
        else await writeOutput(context, snapshot, line, chosen, options);
      } finally {
        await snapshot.close();
      }
    });
  } finally {
    line.clear();
    await store?.close();
  }
}

/**
 * Return the address of the store that `--to-file` or `--to-store` names; null when neither is given.
 *
 * @throws CommandFailed when both are given
 */
function targetOf({ toFile, toStore }: ExportOptions): string | null {
  if (toFile !== undefined && toStore !== undefined)
    throw new CommandFailed('--to-file and --to-store are both given. Give only one of them.');
  return toStore ?? (toFile === undefined ? null : `file:${resolve(toFile)}`);
}

/**
 * Open the store that gets the files; null when one table goes to standard output.
 *
 * @throws CommandFailed when the options do not fit together, or the address is wrong
 */
function openTarget({ env }: Context, format: TableFormatName, options: ExportOptions): Store | null {
  const { table, toFile, toStore, json } = options;
  const target = targetOf(options);
  if (toStore !== undefined && target)
    return named('--to-store', () => openStore(target, env, { isShared: true }));
  if (toFile !== undefined && target) {
    if (toFile.endsWith(`.${format}`))
      throw new CommandFailed(
        `--to-file ${toFile} must be a folder, in which the export writes the files of each table. ` +
          'To write one table into one file, run "ladepuls export csv --table NAME > FILE".',
      );
    return named('--to-file', () => openStore(target, env, { isShared: true }));
  }
  if (format !== 'csv' || table === undefined || table.includes(',') || json)
    throw new CommandFailed(
      'Give the target of the files: --to-file FOLDER, or --to-store s3://bucket/prefix. To write one table to standard ' +
        'output, run "ladepuls export csv --table NAME".',
    );
  return null;
}

function choose(snapshot: Snapshot, { table, from, to }: ExportOptions): Chosen {
  if (snapshot.days.length === 0) throw new CommandFailed(NOTHING_LOADED);
  return {
    tables: named('--table', () => chooseTables(snapshot, table)),
    days: named('--from, --to', () => chooseDays(snapshot, { from, to })),
  };
}

/** Turn a RangeError into a CommandFailed that names the option, because the user can correct the option. */
function named<T>(option: string, choice: () => T): T {
  try {
    return choice();
  } catch (error) {
    if (error instanceof RangeError) throw new CommandFailed(`${option}: ${error.message}`, { cause: error });
    throw error;
  }
}

interface Writing {
  context: Context;
  format: TableFormatName;
  options: ExportOptions;
  store: Store;
  snapshot: Snapshot;
  line: ProgressLine;
}

async function writeFiles(
  { context: { signal, config }, format, options, store, snapshot, line }: Writing,
  { tables, days }: Chosen,
): Promise<void> {
  const exported = await exportTables(snapshot, {
    tables,
    days,
    format: (options.forSpreadsheets && SPREADSHEET_FORMATS[format]) || FORMATS[format],
    store,
    signal,
    onProgress: ({ table, day, rows }) =>
      line.show(() => `${[table, day].filter(Boolean).join(' ')}: ${rows.toLocaleString('en')} rows`),
  });
  // The dictionary is written last, so that its presence in a new store shows that all files are complete.
  await putDictionary(store, snapshot.relations, config.general.timeZone);
  line.clear();
  const period = { from: days[0], to: days.at(-1) };
  process.stdout.write(
    options.json
      ? `${JSON.stringify({ format, ...period, target: store.url, tables: exported })}\n`
      : describe(exported, store.url, period),
  );
}

function describe(
  exported: ExportedTable[],
  target: string,
  { from, to }: { from: string | undefined; to: string | undefined },
): string {
  const removed = exported.reduce((sum, table) => sum + table.removed, 0);
  const lines = [
    formatTable(
      ['table', 'rows', 'files', 'bytes'],
      exported.map(({ table, rows, files, bytes }) => [table, rows, files, bytes]),
    ),
    `${from} to ${to}, and complete tables without days, in ${target}. The file dictionary.md there explains tables and columns.`,
    ...(removed > 0 ? [`The export removed ${removed} files of days that no longer have rows.`] : []),
    ...exported
      .filter(({ archived }) => archived.length > 0)
      .map(({ table, archived }) => `${table}: ${ARCHIVED(archived)}`),
  ];
  return lines.map((text) => `${text}\n`).join('');
}

const ARCHIVED = (days: string[]) =>
  `no facts for ${describeDays(days)}: they are in the archive. "ladepuls load --from DAY --restore" loads them into the warehouse again.`;

async function writeOutput(
  { signal, progress }: Context,
  snapshot: Snapshot,
  line: ProgressLine,
  { tables: [relation], days }: Chosen,
  { forSpreadsheets = false }: ExportOptions,
): Promise<void> {
  if (!relation) return;
  const slices = isOfDays(relation) ? days : [null];
  let rows = 0;
  const onRows = (more: number) => {
    rows += more;
    if (!process.stdout.isTTY) line.show(() => `${rows.toLocaleString('en')} rows`);
  };
  const csv = readAsCsv(snapshot, relation, slices, { onRows, isForSpreadsheets: forSpreadsheets });
  const bytes = Readable.from(csv, { objectMode: false });
  await pipeline(bytes, process.stdout, { signal, end: false }).catch(unlessReadEnough);
  const archived = slices.filter((day) => day !== null && snapshot.archived.has(day)) as string[];
  if (archived.length > 0) progress(`${relation.name}: facts have ${ARCHIVED(archived)}`);
}

/** Ignore an error that only says that the reader of the pipe, such as `head`, has closed it. */
function unlessReadEnough(error: unknown): void {
  if (!(error instanceof Error && 'code' in error && error.code === 'EPIPE')) throw error;
}
