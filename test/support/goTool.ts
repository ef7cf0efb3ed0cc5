import { execFile } from 'node:child_process';
import { constants } from 'node:fs';
import { access, mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';

/**
 * A program of the tests that is built from source. Go checks the module and all that it needs against its
 * checksum database (sum.golang.org), and the version against the module's own go.sum: the number pins the content.
 */
export interface GoTool {
  name: string;
  about: string;
  module: string;
  version: string;
  /** Where people get it. */
  releases: string;
  /** The environment's variable that may name its file. */
  variable: string;
}

export const VERSITYGW: GoTool = {
  name: 'versitygw',
  about: 'the S3 server of the tests',
  module: 'github.com/versity/versitygw/cmd/versitygw',
  version: 'v1.8.0',
  releases: 'https://github.com/versity/versitygw/releases',
  variable: 'VERSITYGW',
};

export const KUSTOMIZE: GoTool = {
  name: 'kustomize',
  about: 'which puts the Kubernetes manifests together',
  module: 'sigs.k8s.io/kustomize/kustomize/v5',
  version: 'v5.8.1',
  releases: 'https://github.com/kubernetes-sigs/kustomize/releases',
  variable: 'KUSTOMIZE',
};

const BUILD_TIMEOUT_MS = 15 * 60_000;
const PROGRESS_INTERVAL_MS = 5_000;

/** A program can't be had on this machine; the message says what is missing and how to provide it. */
export class GoToolMissing extends Error {
  override name = 'GoToolMissing';
}

/**
 * Finds a program, or builds it into the cache, which takes a minute or two, once.
 * Safe to call from several processes at once.
 * @returns the path of the executable
 * @throws GoToolMissing where it neither is nor can be built
 */
export async function provideGoTool(tool: GoTool, env: NodeJS.ProcessEnv = process.env): Promise<string> {
  const { name, version, variable } = tool;
  const named = env[variable];
  if (named) {
    if (await isExecutable(named)) return named;
    throw new GoToolMissing(`${variable} names ${named}, which is no file that can be executed`);
  }
  const cached = join(cacheFolder(env), `${name}-${version}`);
  return (
    (await findOnPath(name, env)) ?? ((await isExecutable(cached)) ? cached : await build(tool, cached, env))
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
async function build(tool: GoTool, target: string, env: NodeJS.ProcessEnv): Promise<string> {
  const go = await findOnPath('go', env);
  if (!go) throw missing(tool, 'Go, which would build it, is not on the PATH');
  const folder = cacheFolder(env);
  await mkdir(folder, { recursive: true });
  const bin = await mkdtemp(join(folder, 'build-'));
  try {
    await install(tool, go, bin, env);
    await rename(join(bin, tool.name), target);
    return target;
  } catch (error) {
    throw missing(tool, `building it failed: ${error instanceof Error ? error.message : String(error)}`);
  } finally {
    await rm(bin, { recursive: true, force: true });
  }
}

async function install(tool: GoTool, go: string, bin: string, env: NodeJS.ProcessEnv): Promise<void> {
  const started = Date.now();
  const report = (): void => {
    const seconds = Math.round((Date.now() - started) / 1000);
    process.stderr.write(`Building ${tool.name} ${tool.version}, ${tool.about}, once: ${seconds} s\n`);
  };
  report();
  const progress = setInterval(report, PROGRESS_INTERVAL_MS);
  try {
    await promisify(execFile)(go, ['install', `${tool.module}@${tool.version}`], {
      cwd: bin,
      env: { ...env, GOBIN: bin, GOFLAGS: '', GOWORK: 'off' },
      timeout: BUILD_TIMEOUT_MS,
      maxBuffer: 64 * 1024 * 1024,
    });
  } finally {
    clearInterval(progress);
  }
}

function missing({ name, version, about, releases, variable }: GoTool, reason: string): GoToolMissing {
  return new GoToolMissing(
    `${name} ${version}, ${about}, is missing: ${reason}. Install Go (https://go.dev/dl), or put ` +
      `${name} (${releases}) on the PATH, or name its file in ${variable}`,
  );
}
