import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';
import { openStore } from '../../../src/stores/open.js';
import type { Store } from '../../../src/stores/store.js';

export interface Stores {
  raw: Store;
  flat: Store;
}

/** Tests read files as the product's cleaning threads do, which costs half of the processor time. */
const IS_ALONE = { isAlone: true };

/** Create stores in a temporary folder; `remove` deletes the folder. */
export function makeStores(): Stores & { remove: () => void } {
  return storesIn(newFolder());
}

/** Create stores with the files of others, which are deleted at the end of the test. */
export function copyStores({ raw }: Pick<Stores, 'raw'>): Stores {
  const folder = newFolder();
  const { remove, ...stores } = storesIn(folder);
  onTestFinished(remove);
  // Unlike Node's own copy, this one keeps times to the last digit; loads compare them.
  execFileSync('cp', ['-Rp', `${dirname(raw.url.slice('file:'.length))}/.`, folder]);
  return stores;
}

const newFolder = () => mkdtempSync(join(tmpdir(), 'ladepuls-stores-'));

function storesIn(folder: string): Stores & { remove: () => void } {
  return {
    raw: openStore(`file:${join(folder, 'raw')}`, {}, IS_ALONE),
    flat: openStore(`file:${join(folder, 'flat')}`, {}, IS_ALONE),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** Create stores that are deleted at the end of the test. */
export function temporaryStores(): Stores {
  const { remove, ...stores } = makeStores();
  onTestFinished(remove);
  return stores;
}
