import { eachOf } from './eachOf.js';
import type { loadSteps } from './loadSteps.js';

type ArchiveSteps = Pick<ReturnType<typeof loadSteps>, 'planArchive' | 'archiveDay'>;

/**
 * Move facts that are older than the retention setting into the archive, day by day. By default, no facts are moved.
 */
export async function archiveDays({ planArchive, archiveDay }: ArchiveSteps): Promise<void> {
  const { days } = await planArchive();
  await eachOf(days, 1, (day) => archiveDay.executeWithOptions({ summary: day }, [{ day }]));
}
