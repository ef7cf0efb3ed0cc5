import pMap from 'p-map';
import { openFiles, walk } from './findFiles.js';
import { type ImportSettings, PollFileImporter } from './importFile.js';
import { type ImportSummary, Tally } from './summary.js';

/** Files that are imported at once: each is held in memory whole. */
const FILES_AT_ONCE = 4;

/** How far an import is. */
export interface ImportProgress {
  filesDone: number;
  /** Of those that are known: a zip's files are when it is opened. */
  filesFound: number;
  bodies: number;
}

/**
 * Imports poll files, folders and zips of them into a raw store. What can't be read is in the summary
 * with its reason, and keeps nothing else from being imported.
 * @throws what the store throws, and the signal's reason when it aborts; importing again goes on from there
 */
export async function importFiles(
  paths: readonly string[],
  settings: ImportSettings,
  options: { signal?: AbortSignal; onProgress?: (progress: ImportProgress) => void } = {},
): Promise<ImportSummary> {
  const tally = new Tally();
  const importer = new PollFileImporter(settings, tally);
  const found = await walk(paths);
  let filesFound = found.length;
  let filesDone = 0;
  const files = openFiles(found, (more) => (filesFound += more));
  await pMap(
    files,
    async (file) => {
      if ('reason' in file) tally.fail(file.path, file.reason);
      else await importer.importFile(file);
      options.onProgress?.({ filesDone: ++filesDone, filesFound, bodies: tally.bodies });
    },
    { concurrency: FILES_AT_ONCE, ...(options.signal && { signal: options.signal }) },
  );
  return tally.summary();
}
