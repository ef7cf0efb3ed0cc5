import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { openStore } from '../../../src/stores/open.js';
import type { Store } from '../../../src/stores/store.js';

export interface Stores {
  raw: Store;
  flat: Store;
}

/** Stores in a temporary folder; `remove` takes it away. */
export function makeStores(): Stores & { remove: () => void } {
  const folder = mkdtempSync(join(tmpdir(), 'ladepuls-stores-'));
  return {
    raw: openStore(`file:${join(folder, 'raw')}`),
    flat: openStore(`file:${join(folder, 'flat')}`),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** Stores that are gone when the test is over. */
export function temporaryStores(): Stores {
  const { remove, ...stores } = makeStores();
  onTestFinished(remove);
  return stores;
}
