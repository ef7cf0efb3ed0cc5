import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { cacheFolder } from '../../src/local/cache.js';

/** A tool from the Python package index. */
export interface PythonTool {
  /**
   * Of the module. What it needs stands in `<name>.requirements.txt` beside this file, made by
   * `uv pip compile --universal --generate-hashes --python-version <python>`.
   */
  name: string;
  version: string;
  /** The lowest version of Python that it runs on. */
  python: string;
}

const INSTALL_TIMEOUT_MS = 5 * 60_000;

const run = promisify(execFile);

/** Why a tool can't be had on this machine: null when it can. With CI=true it must, and this throws. */
export async function whyNoPythonTool(tool: PythonTool): Promise<string | null> {
  try {
    await providePythonTool(tool);
    return null;
  } catch (error) {
    if (process.env.CI === 'true') throw error;
    const { name, version, python } = tool;
    const reason = String(error).split('\n')[0] ?? '';
    return `${name} ${version} can't be installed (Python ${python} or later with pip is needed): ${reason}`;
  }
}

/** The folder with a tool and what it needs, pinned by digests; installed once. */
export async function providePythonTool({ name, version }: PythonTool): Promise<string> {
  const cache = cacheFolder(undefined, process.env);
  const target = join(cache, `${name}-${version}`);
  if (existsSync(target)) return target;
  const folder = await mkdtemp(join(cache, 'install-'));
  const requirements = fileURLToPath(new URL(`./${name}.requirements.txt`, import.meta.url));
  try {
    const options = ['--quiet', '--require-hashes', '--only-binary=:all:', '--target', folder];
    await run('python3', ['-m', 'pip', 'install', ...options, '-r', requirements], {
      timeout: INSTALL_TIMEOUT_MS,
    });
    // Another run may have been faster: what it has installed is the same.
    await rename(folder, target).catch((error: unknown) => {
      if (!existsSync(target)) throw error;
    });
    return target;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
