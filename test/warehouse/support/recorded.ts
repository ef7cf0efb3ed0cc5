import { importFiles } from '../../../src/importing/importFiles.js';
import { sourceByName } from '../../../src/sources/registry.js';
import { ZONE } from '../../cleaning/support/polls.js';
import { RECORDED_DAY, RECORDED_POLLS } from '../../e2e/support/recordedPolls.js';
import { type LoadBench, loadDay, makeBench } from './loads.js';

/** A bench with the two recorded polls loaded: whoever makes it removes it. */
export async function makeRecordedBench(): Promise<LoadBench & { remove: () => Promise<void> }> {
  const bench = await makeBench();
  await importFiles(RECORDED_POLLS, {
    store: bench.raw,
    source: sourceByName('chargecloud'),
    timeZone: ZONE,
    intervalMinutes: 10,
  });
  await loadDay(bench, RECORDED_DAY);
  return bench;
}
