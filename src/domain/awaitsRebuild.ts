/** Why loads wait while the warehouse has tables of an earlier version. One sentence, without advice. */
export const AWAITS_REBUILD =
  'The warehouse has the tables of an earlier version of Ladepuls, so loads wait.';

/** Advice for {@link AWAITS_REBUILD}. */
export const HOW_TO_REBUILD =
  'Bring it over with "ladepuls rebuild": polling and reading go on meanwhile, and waiting loads go on afterwards.';
