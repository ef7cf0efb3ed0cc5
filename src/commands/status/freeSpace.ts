import { stat, statfs } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Config } from '../../settings/config.js';
import type { FreeSpace, SpaceFacts } from '../../domain/statusFacts.js';
import { postgresFolder } from '../../local/postgresLocation.js';
import { existingFolder } from '../context/existingFolder.js';

/** Read the free space of each file system that an installation writes to. Creates no folder. */
export async function readSpace(config: Config): Promise<SpaceFacts[]> {
  const found = new Map<number | string, SpaceFacts>();
  for (const { holds, find } of folders(config)) {
    let folder = config.general.home;
    try {
      const named = await find();
      if (named === null) continue;
      folder = named;
      const path = await existingFolder(folder);
      const { dev } = await stat(path);
      const before = found.get(dev);
      if (before) before.holds.push(holds);
      else found.set(dev, { folder: path, holds: [holds], state: await freeSpace(path) });
    } catch (error) {
      found.set(holds, { folder, holds: [holds], state: { unknown: messageOf(error) } });
    }
  }
  return [...found.values()];
}

interface Folder {
  holds: string;
  /** Returns the folder; null when it is not on this machine. */
  find: () => Promise<string | null>;
}

function folders({ general: { home }, stores, warehouse }: Config): Folder[] {
  const ofStore = (url: string) =>
    Promise.resolve(url.startsWith('file:') ? resolve(url.slice('file:'.length)) : null);
  return [
    { holds: 'home', find: () => Promise.resolve(home) },
    { holds: 'raw store', find: () => ofStore(stores.raw) },
    { holds: 'flat files', find: () => ofStore(stores.flat) },
    {
      holds: 'Postgres',
      find: () => (warehouse.url === undefined ? postgresFolder(home) : Promise.resolve(null)),
    },
  ];
}

async function freeSpace(path: string): Promise<FreeSpace> {
  const { bsize, blocks, bavail, files, ffree } = await statfs(path);
  return {
    freeBytes: bavail * bsize,
    totalBytes: blocks * bsize,
    freeFiles: files === 0 ? null : ffree / files,
  };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
