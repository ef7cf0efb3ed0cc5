import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { cacheFolder } from '../../../src/local/cache.js';
import { findTemporal } from '../../../src/local/temporalBinary.js';

const run = promisify(execFile);

/** Runs Temporal's own command line on a server. Resolves with its standard output; rejects where it fails. */
export async function temporalCommand(
  { address, namespace }: { address: string; namespace: string },
  ...args: string[]
): Promise<string> {
  const { path } = await findTemporal({
    cacheDir: cacheFolder(undefined, process.env),
    env: process.env,
    onProgress: () => undefined,
  });
  return (await run(path, [...args, '--address', address, '--namespace', namespace])).stdout;
}
