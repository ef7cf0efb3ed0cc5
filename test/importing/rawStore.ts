import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { ImportSettings } from '../../src/importing/importFile.js';
import { chargecloud } from '../../src/sources/chargecloud/source.js';
import { openStore } from '../../src/stores/open.js';
import type { Store } from '../../src/stores/store.js';

/** A folder that is gone when the test is over. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'ladepuls-import-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** An empty raw store, and how to import into it. */
export async function emptyRawStore(): Promise<ImportSettings> {
  const store = openStore(`file:${await temporaryFolder()}`);
  return { store, source: chargecloud, timeZone: 'Europe/Berlin', intervalMinutes: 10 };
}

/** Everything that a store holds: its keys, and the bytes of each. */
export async function contents(store: Store): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  for await (const { key } of store.list('')) found.set(key, (await store.get(key)).toString('latin1'));
  return found;
}

/** The keys of a store's objects below a prefix. */
export async function keysBelow(store: Store, prefix: string): Promise<string[]> {
  return [...(await contents(store)).keys()].filter((key) => key.startsWith(prefix));
}
