import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { ImportSettings } from '../../src/importing/importFile.js';
import { chargecloud } from '../../src/sources/chargecloud/source.js';
import { openStore } from '../../src/stores/open.js';
import type { Store } from '../../src/stores/store.js';

/** Create a folder that is deleted at the end of the test. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'ladepuls-import-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** Create an empty raw store, and return the settings of an import into it. */
export async function emptyRawStore(): Promise<ImportSettings> {
  const store = openStore(`file:${await temporaryFolder()}`);
  return { store, source: chargecloud, timeZone: 'Europe/Berlin', intervalMinutes: 10 };
}

/** Return the keys of a store, with the bytes of each object. */
export async function contents(store: Store): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  for await (const { key } of store.list('')) found.set(key, (await store.get(key)).toString('latin1'));
  return found;
}

/** Return the keys of a store's objects below a prefix. */
export async function keysBelow(store: Store, prefix: string): Promise<string[]> {
  return [...(await contents(store)).keys()].filter((key) => key.startsWith(prefix));
}
