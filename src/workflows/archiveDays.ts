import { eachOf } from './eachOf.js';
import type { loadSteps } from './loadSteps.js';

type ArchiveSteps = Pick<ReturnType<typeof loadSteps>, 'planArchive' | 'archiveDay'>;

/** Moves facts that are older than the setting says into the archive, day by day; by default none are. */
export async function archiveDays({ planArchive, archiveDay }: ArchiveSteps): Promise<void> {
  const { days } = await planArchive();
  await eachOf(days, 1, (day) => archiveDay.executeWithOptions({ summary: day }, [{ day }]));
}
