import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { cacheFolder } from '../../src/embedded/cache.js';

const VERSION = '4.5.0';
/** Made by `uv pip compile --universal --generate-hashes --python-version 3.10` of this version. */
const REQUIREMENTS = fileURLToPath(new URL('./sqlfluff.requirements.txt', import.meta.url));
/** What can't be parsed is told by `lint` only, which wants a rule: that no two tables of a statement have one alias. */
const RULE = 'AL04';
const INSTALL_TIMEOUT_MS = 5 * 60_000;
const PARSE_TIMEOUT_MS = 5 * 60_000;
const MAX_OUTPUT_BYTES = 256 * 1024 * 1024;

const run = promisify(execFile);

/** Why SQL can't be checked by a grammar on this machine: null when it can. With CI=true it must, and this throws. */
export async function whyNoSqlfluff(): Promise<string | null> {
  try {
    await provideSqlfluff();
    return null;
  } catch (error) {
    if (process.env.CI === 'true') throw error;
    return `sqlfluff ${VERSION} can't be installed (Python 3.10 or later with pip is needed): ${String(error).split('\n')[0] ?? ''}`;
  }
}

/**
 * What of some files a grammar of Redshift's SQL can't read: sqlfluff's own words; "" where it reads all.
 *
 * @param folder with files `*.sql`
 */
export async function findUnparsable(folder: string): Promise<string> {
  const sqlfluff = await provideSqlfluff();
  const args = [
    '-m',
    'sqlfluff',
    'lint',
    '--dialect',
    'redshift',
    '--rules',
    RULE,
    '--nocolor',
    '--processes',
    '2',
    folder,
  ];
  try {
    const { stdout, stderr } = await run('python3', args, {
      cwd: folder,
      env: { ...process.env, PYTHONPATH: sqlfluff },
      timeout: PARSE_TIMEOUT_MS,
      maxBuffer: MAX_OUTPUT_BYTES,
    });
    const output = `${stdout}${stderr}`;
    return output.includes('WARNING') ? output : ''; // such as a file that it skips for its length
  } catch (error) {
    const { stdout, stderr } = error as { stdout?: string; stderr?: string };
    return `${stdout ?? ''}${stderr ?? ''}` || String(error);
  }
}

/** The folder with sqlfluff and what it needs, from the Python package index, pinned by digests; installed once. */
async function provideSqlfluff(): Promise<string> {
  const cache = cacheFolder(undefined, process.env);
  const target = join(cache, `sqlfluff-${VERSION}`);
  if (existsSync(target)) return target;
  const folder = await mkdtemp(join(cache, 'install-'));
  try {
    const install = [
      '-m',
      'pip',
      'install',
      '--quiet',
      '--require-hashes',
      '--only-binary=:all:',
      '--target',
      folder,
    ];
    await run('python3', [...install, '-r', REQUIREMENTS], { timeout: INSTALL_TIMEOUT_MS });
    // Another run may have been faster: what it has installed is the same.
    await rename(folder, target).catch((error: unknown) => {
      if (!existsSync(target)) throw error;
    });
    return target;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
