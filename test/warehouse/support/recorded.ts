import { importFiles } from '../../../src/importing/importFiles.js';
import type { Store } from '../../../src/stores/store.js';
import { sourceByName } from '../../../src/sources/registry.js';
import { ZONE } from '../../cleaning/support/polls.js';
import { RECORDED_DAY, RECORDED_POLLS } from '../../e2e/support/recordedPolls.js';
import { type LoadBench, loadDay, makeBench } from './loads.js';

/** Create a bench with the two recorded polls loaded. The caller must remove it. */
export async function makeRecordedBench(): Promise<LoadBench & { remove: () => Promise<void> }> {
  const bench = await makeBench();
  await importRecorded(bench.raw);
  await loadDay(bench, RECORDED_DAY);
  return bench;
}

/** Import the two recorded polls. */
export async function importRecorded(raw: Store): Promise<void> {
  await importFiles(RECORDED_POLLS, {
    store: raw,
    source: sourceByName('chargecloud'),
    timeZone: ZONE,
    intervalMinutes: 10,
  });
}
