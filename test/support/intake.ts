import { createIntake } from '../../src/intake/intake.js';

/** Reads answers on real threads, for a whole test file. Its threads end by themselves, at the latest with the file's process. */
export const { judge, readStatuses } = createIntake();
