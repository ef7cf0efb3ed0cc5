import { execFile } from 'node:child_process';
import { constants } from 'node:fs';
import { access, mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';

/**
 * The S3 server of the tests, built from source. Go checks the module and all that it needs against its
 * checksum database (sum.golang.org), and this version against versitygw's own go.sum: the number pins the content.
 */
export const VERSITYGW_VERSION = 'v1.8.0';
const VERSITYGW_MODULE = 'github.com/versity/versitygw/cmd/versitygw';

const BUILD_TIMEOUT_MS = 15 * 60_000;
const PROGRESS_INTERVAL_MS = 5_000;

/** No S3 server can be had on this machine; the message says what is missing and how to provide it. */
export class VersitygwMissing extends Error {
  override name = 'VersitygwMissing';
}

/**
 * Finds the S3 server versitygw, or builds it into the cache, which takes a minute or two, once.
 * Safe to call from several processes at once.
 * @returns the path of the executable
 * @throws VersitygwMissing where it neither is nor can be built
 */
export async function provideVersitygw(env: NodeJS.ProcessEnv = process.env): Promise<string> {
  if (env.VERSITYGW) {
    if (await isExecutable(env.VERSITYGW)) return env.VERSITYGW;
    throw new VersitygwMissing(`VERSITYGW names ${env.VERSITYGW}, which is no file that can be executed`);
  }
  const cached = join(cacheFolder(env), `versitygw-${VERSITYGW_VERSION}`);
  return (
    (await findOnPath('versitygw', env)) ?? ((await isExecutable(cached)) ? cached : await build(cached, env))
  );
}

function cacheFolder(env: NodeJS.ProcessEnv): string {
  return join(env.XDG_CACHE_HOME ?? join(env.HOME ?? homedir(), '.cache'), 'ladepuls');
}

async function findOnPath(name: string, env: NodeJS.ProcessEnv): Promise<string | undefined> {
  for (const folder of (env.PATH ?? '').split(delimiter).filter((entry) => entry !== '')) {
    const path = join(folder, name);
    if (await isExecutable(path)) return path;
  }
  return undefined;
}

async function isExecutable(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}

/** Builds beside the cache's files and moves the result in: another run sees the whole executable or none. */
async function build(target: string, env: NodeJS.ProcessEnv): Promise<string> {
  const go = await findOnPath('go', env);
  if (!go) throw missing('Go, which would build it, is not on the PATH');
  const folder = cacheFolder(env);
  await mkdir(folder, { recursive: true });
  const bin = await mkdtemp(join(folder, 'build-'));
  try {
    await install(go, bin, env);
    await rename(join(bin, 'versitygw'), target);
    return target;
  } catch (error) {
    throw missing(`building it failed: ${error instanceof Error ? error.message : String(error)}`);
  } finally {
    await rm(bin, { recursive: true, force: true });
  }
}

async function install(go: string, bin: string, env: NodeJS.ProcessEnv): Promise<void> {
  const started = Date.now();
  const report = (): void => {
    const seconds = Math.round((Date.now() - started) / 1000);
    process.stderr.write(
      `Building the S3 server for the tests, versitygw ${VERSITYGW_VERSION}, once: ${seconds} s\n`,
    );
  };
  report();
  const progress = setInterval(report, PROGRESS_INTERVAL_MS);
  try {
    await promisify(execFile)(go, ['install', `${VERSITYGW_MODULE}@${VERSITYGW_VERSION}`], {
      cwd: bin,
      env: { ...env, GOBIN: bin, GOFLAGS: '', GOWORK: 'off' },
      timeout: BUILD_TIMEOUT_MS,
      maxBuffer: 64 * 1024 * 1024,
    });
  } finally {
    clearInterval(progress);
  }
}

function missing(reason: string): VersitygwMissing {
  return new VersitygwMissing(
    `the S3 server versitygw ${VERSITYGW_VERSION} is missing: ${reason}. Install Go (https://go.dev/dl), or put ` +
      'versitygw (https://github.com/versity/versitygw/releases) on the PATH, or name its file in VERSITYGW',
  );
}
