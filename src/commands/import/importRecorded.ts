import { copyRawStore, type CopySummary } from '../../importing/copyRawStore.js';
import { importFiles } from '../../importing/importFiles.js';
import type { FailedFile, ImportSummary } from '../../importing/summary.js';
import { sourceByName } from '../../sources/registry.js';
import { openKnownRaw } from '../../stores/knownRaw.js';
import { openStore } from '../../stores/open.js';
import type { Store } from '../../stores/store.js';
import { CommandFailed, type Context } from '../context/context.js';
import { ProgressLine } from '../console/progressLine.js';

export interface ImportOptions {
  source: string;
  /** Address of another raw store to copy from. */
  rawStore?: string;
  json?: boolean;
}

/**
 * Import recorded polls into the raw store (`ladepuls import`).
 *
 * @throws CommandFailed when a file could not be read completely, after everything else was imported; when there is
 *   nothing to import; or when the other raw store is this installation's own or has no objects
 */
export async function importRecorded(
  context: Context,
  paths: string[],
  options: ImportOptions,
): Promise<void> {
  if (paths.length === 0 && options.rawStore === undefined) {
    throw new CommandFailed(
      'There is nothing to import. Give poll files, folders or zip files: "ladepuls import PATH …". ' +
        'Or give another raw store: "ladepuls import --raw-store ADDRESS".',
    );
  }
  const { config, env, signal } = context;
  const { maxBodyBytes, maxRecords } = config.polling;
  const source = sourceByName(options.source);
  const store = openKnownRaw(config, { env });
  const line = new ProgressLine();
  try {
    const files = await importFiles(
      paths,
      {
        store,
        source,
        limits: { maxBodyBytes, maxRecords },
        timeZone: config.general.timeZone,
        intervalMinutes: config.polling.intervalMinutes,
      },
      {
        signal,
        onProgress: ({ filesDone, filesFound, bodies }) =>
          line.show(() => `${filesDone} of ${filesFound} files, ${bodies} bodies`),
      },
    );
    const rawStore =
      options.rawStore === undefined ? null : await copyFrom(options.rawStore, store, context, line);
    line.clear();
    process.stdout.write(
      options.json ? `${JSON.stringify({ ...files, rawStore })}\n` : describe(files, paths, rawStore),
    );
    failWhereIncomplete(files.failed);
  } finally {
    line.clear();
    await store.close();
  }
}

async function copyFrom(
  address: string,
  to: Store,
  context: Context,
  line: ProgressLine,
): Promise<CopySummary> {
  const from = openStore(address, context.env);
  if (from.url === to.url)
    throw new CommandFailed(
      `--raw-store ${address} is this installation's own raw store. Give the address of another raw store.`,
    );
  try {
    const copied = await copyRawStore(from, to, {
      signal: context.signal,
      onProgress: (done) => line.show(() => `${done.copied + done.alreadyThere} objects of ${address}`),
    });
    if (copied.copied + copied.alreadyThere > 0) return copied;
  } finally {
    await from.close();
  }
  throw new CommandFailed(
    `${address} has no objects of a raw store. Check the address, then run the command again.`,
  );
}

function failWhereIncomplete(failed: FailedFile[]): void {
  if (failed.length === 0) return;
  const verb = failed.length === 1 ? 'was' : 'were';
  throw new CommandFailed(
    `${count(failed.length, 'file')} ${verb} not read completely; everything else was imported. ` +
      'Repair or replace the files in the list, then run the same command again: it skips what is already imported.',
  );
}

function describe(files: ImportSummary, paths: string[], rawStore: CopySummary | null): string {
  const lines = paths.length === 0 ? [] : describeFiles(files);
  if (rawStore !== null) {
    lines.push(
      `${count(rawStore.copied, 'object')} copied from the other raw store, ${rawStore.alreadyThere} already there`,
    );
  }
  for (const { file, reason } of files.failed) lines.push(printable(`${file} ${reason}`));
  return lines.map((text) => `${text}\n`).join('');
}

function describeFiles({ files, stored, alreadyThere, wrongAnswers, days, feeds }: ImportSummary): string[] {
  const lines = [
    `${count(files, 'file')} read: ${count(stored, 'body', 'bodies')} stored, ${alreadyThere} already there`,
  ];
  const wrong = Object.entries(wrongAnswers).map(([reason, count]) => `${count} ${reason}`);
  if (wrong.length > 0) lines.push(`Rejected answers among them, stored separately: ${wrong.join(', ')}`);
  if (days.length > 0) lines.push(`${count(feeds.length, 'feed')}, ${describeDays(days)}`);
  return lines;
}

function describeDays(days: string[]): string {
  const [first = '', last = first] = [days[0], days.at(-1)];
  return days.length === 1 ? `day ${first}` : `${days.length} days from ${first} to ${last}`;
}

function count(number: number, one: string, many = `${one}s`): string {
  return `${number} ${number === 1 ? one : many}`;
}

/**
 * Replace control characters by question marks. File names in foreign archives could otherwise control the terminal.
 */
function printable(text: string): string {
  return text.replaceAll(/\p{Cc}/gu, '?');
}
