import { existsSync } from 'node:fs';
import { rmdir } from 'node:fs/promises';
import { isAbsolute, join, relative, resolve } from 'node:path';
import { HomeInUse, readOwner } from '../embedded/homeLock.js';
import { embeddedFiles, resetHome } from '../embedded/reset.js';
import { SIMULATED_MARK } from '../embedded/simulatedHome.js';
import { CommandFailed, type Context } from './context.js';

/** `ladepuls reset --yes`: removes all that the embedded installation made. Stores outside of the home stay. */
export async function reset(context: Context, options: { yes?: boolean; json?: boolean }): Promise<void> {
  const { config, signal, progress } = context;
  const { home } = config;
  const owner = readOwner(home);
  if (owner?.mode === 'service' && owner.addresses) {
    throw new HomeInUse(home, { ...owner, addresses: owner.addresses });
  }
  const stores = [config.rawStore, config.flatStore].map((url) => ({ url, folder: folderInHome(home, url) }));
  const folders = stores.flatMap(({ folder }) => folder ?? []);
  const own = [...folders, join(home, SIMULATED_MARK)].filter((path) => existsSync(path));
  const removed = [...(await embeddedFiles(home)), ...own];
  const kept = stores.filter(({ folder }) => folder === null).map(({ url }) => url);
  if (removed.length > 0 && !options.yes) {
    throw new CommandFailed(`This would remove\n${list(removed)}\nTo remove it for good, add --yes.`);
  }
  await resetHome(home, progress, signal, own);
  await rmdir(home).catch(() => undefined); // it may hold what others put there
  process.stdout.write(
    options.json ? `${JSON.stringify({ removed, kept })}\n` : describe(home, removed, kept),
  );
}

/** The folder of a store that stands inside the home; null for any other store. */
function folderInHome(home: string, url: string): string | null {
  if (!url.startsWith('file:')) return null;
  const folder = resolve(url.slice('file:'.length));
  const path = relative(home, folder);
  return path === '' || path.startsWith('..') || isAbsolute(path) ? null : folder;
}

function describe(home: string, removed: string[], kept: string[]): string {
  const lines =
    removed.length === 0 ? [`There was nothing to remove in ${home}.`] : ['Removed', list(removed)];
  if (kept.length > 0) lines.push('Left as they are, outside of the home:', list(kept));
  return `${lines.join('\n')}\n`;
}

function list(paths: string[]): string {
  return paths.map((path) => `  ${path}`).join('\n');
}
