/** Why nothing is loaded into a warehouse of an earlier version: one sentence, without what to do. */
export const AWAITS_REBUILD =
  'The warehouse has the tables of an earlier version of Ladepuls, so loads wait.';

/** What to do about {@link AWAITS_REBUILD}, and what goes on meanwhile. */
export const HOW_TO_REBUILD =
  'Bring it over with "ladepuls rebuild": polling and reading go on meanwhile, and waiting loads go on afterwards.';
