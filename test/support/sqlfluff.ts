import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { z } from 'zod';
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

const lintSchema = z.array(
  z.object({
    filepath: z.string(),
    violations: z.array(z.object({ code: z.string(), description: z.string() })),
  }),
);

/**
 * What of some files a grammar of Redshift's SQL can't read, as sentences.
 *
 * @param folder with files `*.sql`
 * @throws Error where a file was not looked at
 */
export async function findUnparsable(folder: string): Promise<string[]> {
  const sqlfluff = await provideSqlfluff();
  const options = ['--dialect', 'redshift', '--rules', RULE, '--format', 'json', '--processes', '2'];
  const env = { ...process.env, PYTHONPATH: sqlfluff };
  const limits = { cwd: folder, env, timeout: PARSE_TIMEOUT_MS, maxBuffer: MAX_OUTPUT_BYTES };
  const { stdout, stderr } = await run(
    'python3',
    ['-m', 'sqlfluff', 'lint', ...options, folder],
    limits,
  ).catch(outputOfFailure);
  if (stderr.includes('Skipping')) throw new Error(stderr); // a file that is too long
  return lintSchema
    .parse(JSON.parse(stdout))
    .flatMap(({ filepath, violations }) =>
      violations.filter(({ code }) => code === 'PRS').map(({ description }) => `${filepath}: ${description}`),
    );
}

/** It ends with an exit code where it has found something. */
function outputOfFailure(error: unknown): { stdout: string; stderr: string } {
  const { stdout, stderr } = error as { stdout?: string; stderr?: string };
  if (!stdout) throw error;
  return { stdout, stderr: stderr ?? '' };
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
