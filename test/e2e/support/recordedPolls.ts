import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';

const FOLDER = resolve(import.meta.dirname, '../../../../shared/feeds');

/** Two polls of all 38 feeds of 11 January 2022. */
export const RECORDED_POLLS = ['20220111_215824', '20220111_220822'].map((time) =>
  join(FOLDER, `${time}_cp_data_cities.json.gz`),
);
export const RECORDED_DAY = '2022-01-11';

export const RECORDED_POLLS_ARE_ABSENT = !RECORDED_POLLS.every((file) => existsSync(file));

/** What a skipped test says. */
export const ABSENT_HINT = RECORDED_POLLS_ARE_ABSENT
  ? ` (skipped: there are no recorded polls in ${FOLDER}, the folder "shared" beside the checkout)`
  : '';
