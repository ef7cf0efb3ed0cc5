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

/** Create stores in a temporary folder; `remove` deletes the folder. */
export function makeStores(): Stores & { remove: () => void } {
  const folder = mkdtempSync(join(tmpdir(), 'ladepuls-stores-'));
  return {
    raw: openStore(`file:${join(folder, 'raw')}`),
    flat: openStore(`file:${join(folder, 'flat')}`),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** Create stores that are deleted at the end of the test. */
export function temporaryStores(): Stores {
  const { remove, ...stores } = makeStores();
  onTestFinished(remove);
  return stores;
}
