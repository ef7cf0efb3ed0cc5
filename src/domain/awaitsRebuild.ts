/** Why loads wait while the warehouse has tables of an earlier version. One sentence, without advice. */
export const AWAITS_REBUILD =
  'The warehouse has the tables of an earlier version of Ladepuls, so loads wait.';

/** Advice for {@link AWAITS_REBUILD}. */
export const HOW_TO_REBUILD =
  'Run "ladepuls rebuild". Polling and reading continue during the rebuild; waiting loads start after it.';
