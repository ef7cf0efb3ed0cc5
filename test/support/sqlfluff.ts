import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { z } from 'zod';
import { providePythonTool, type PythonTool, whyNoPythonTool } from './pythonTool.js';

const SQLFLUFF: PythonTool = { name: 'sqlfluff', version: '4.5.0', python: '3.10' };
/** What can't be parsed is told by `lint` only, which wants a rule: that no two tables of a statement have one alias. */
const RULE = 'AL04';
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
 * What of some files a grammar of Redshift's SQL can't read, as sentences.
 *
 * @param folder with files `*.sql`
 * @throws Error where a file was not looked at
 */
export async function findUnparsable(folder: string): Promise<string[]> {
  const sqlfluff = await providePythonTool(SQLFLUFF);
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
