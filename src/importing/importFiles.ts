import pMap from 'p-map';
import { openFiles, walk } from './findFiles.js';
import { type ImportSettings, PollFileImporter } from './importFile.js';
import { type ImportSummary, Tally } from './summary.js';

/** Number of files that are imported concurrently; each whole file is in memory. */
const FILES_AT_ONCE = 4;

/** Progress of an import. */
export interface ImportProgress {
  filesDone: number;
  /** Number of files known so far. The files in a zip are counted when the zip is opened. */
  filesFound: number;
  bodies: number;
}

/**
 * Import poll files, and folders and zips of poll files, into a raw store. A file that can't be read is in the summary
 * with its reason, and does not stop the import.
 *
 * @throws the store's errors, and the signal's reason when it aborts; a second call continues the import
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
