import type { Day } from '../../domain/day.js';
import type { Query } from './query.js';

/**
 * State of the warehouse on which the results of all queries depend. While it is unchanged, all results are unchanged.
 */
export interface State {
  /**
   * Versions of the data. Both change when a day is published or a table of schema `config` is edited. `now` also
   * changes when a poll's statuses are stored.
   */
  versions: { days: string; now: string };
  /** The last loaded day; null if no day is loaded. */
  loaded: Day | null;
}

/** The state of the warehouse, as one row. */
export const state: Query<[], State> = {
  columns: ['versions', 'loaded'],
  statement: () => ({ text: STATE, values: [] }),
};

const STATE = `
  select json_build_object(
      'days', concat_ws('/', published.at, decided.digest),
      'now', concat_ws('/', published.at, decided.digest, kept.slots, kept.feeds)
    ) as versions,
    published.day::text as loaded
  from (select extract(epoch from max(published_at)) as at, max(day) as day from ops.day_revision) as published
  cross join (select sum(extract(epoch from slot)) as slots, count(*) as feeds from current_feed) as kept
  cross join (
    select md5(concat(
      (select string_agg(meaning::text, ';' order by status) from config.status_group as meaning),
      (select string_agg(name::text, ';' order by spelling) from config.operator_spelling as name)
    )) as digest
  ) as decided`;
