import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod';
import { cacheFolder } from '../../src/local/cache.js';
import { providePythonTool, type PythonTool, whyNoPythonTool } from './pythonTool.js';

const SQLFLUFF: PythonTool = { name: 'sqlfluff', version: '4.5.0', python: '3.10' };
const DIALECT = 'redshift';
/** What can't be parsed is told by `lint` only, which wants a rule: that no two tables of a statement have one alias. */
const RULE = 'AL04';
/** Statements may be longer than 20 kB, from which on files are skipped by default. */
const CONFIG = '[sqlfluff]\nlarge_file_skip_byte_limit = 0\n';
const PARSE_TIMEOUT_MS = 5 * 60_000;
const MAX_OUTPUT_BYTES = 256 * 1024 * 1024;

const run = promisify(execFile);

/** Why SQL can't be checked by a grammar on this machine: null when it can. With CI=true it must, and this throws. */
export const whyNoSqlfluff = () => whyNoPythonTool(SQLFLUFF);

const lintSchema = z.array(
  z.object({
    filepath: z.string(),
    violations: z.array(z.object({ code: z.string(), description: z.string() })),
  }),
);

/**
 * What of some files a grammar of Redshift's SQL can't read, as sentences. What it could read of a content is remembered
 * in the cache, by the content's digest: the grammar takes a second for each.
 *
 * @param folder with files `*.sql`
 * @throws Error where a file was not looked at
 */
export async function findUnparsable(folder: string): Promise<string[]> {
  const cache = join(cacheFolder(undefined, process.env), `sqlfluff-${SQLFLUFF.version}-${DIALECT}`);
  await mkdir(cache, { recursive: true });
  const names = readdirSync(folder).filter((name) => name.endsWith('.sql'));
  const files = names.map((name) => {
    const path = join(folder, name);
    const digest = createHash('sha256').update(readFileSync(path)).digest('hex');
    return { path, known: join(cache, digest) };
  });
  const unknown = files.filter(({ known }) => !existsSync(known));
  if (unknown.length === 0) return [];
  const config = join(cache, 'config.cfg');
  await writeFile(config, CONFIG);
  const unparsable = await lint(
    config,
    unknown.map(({ path }) => path),
  );
  const isUnparsable = new Set(unparsable.map(({ filepath }) => filepath));
  for (const { path, known } of unknown) if (!isUnparsable.has(path)) await writeFile(known, '');
  return unparsable.map(({ filepath, description }) => `${filepath}: ${description}`);
}

async function lint(config: string, paths: string[]): Promise<{ filepath: string; description: string }[]> {
  const sqlfluff = await providePythonTool(SQLFLUFF);
  const options = [
    '--config',
    config,
    '--dialect',
    DIALECT,
    '--rules',
    RULE,
    '--format',
    'json',
    '--processes',
    '2',
  ];
  const env = { ...process.env, PYTHONPATH: sqlfluff };
  const limits = { env, timeout: PARSE_TIMEOUT_MS, maxBuffer: MAX_OUTPUT_BYTES };
  const args = ['-m', 'sqlfluff', 'lint', ...options, ...paths];
  const { stdout, stderr } = await run('python3', args, limits).catch(outputOfFailure);
  if (stderr.includes('Skipping')) throw new Error(stderr); // a file that is too long
  const linted = lintSchema.parse(JSON.parse(stdout));
  const missed = paths.filter((path) => !linted.some(({ filepath }) => filepath === path));
  if (missed.length > 0) throw new Error(`sqlfluff says nothing of ${missed.join(', ')}`);
  return linted.flatMap(({ filepath, violations }) =>
    violations.filter(({ code }) => code === 'PRS').map(({ description }) => ({ filepath, description })),
  );
}

/** It ends with an exit code where it has found something. */
function outputOfFailure(error: unknown): { stdout: string; stderr: string } {
  const { stdout, stderr } = error as { stdout?: string; stderr?: string };
  if (!stdout) throw error;
  return { stdout, stderr: stderr ?? '' };
}
