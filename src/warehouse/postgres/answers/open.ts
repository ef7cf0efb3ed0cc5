import { createHash } from 'node:crypto';
import type pg from 'pg';
import type {
  Answers,
  ChargingEvent,
  ChargingPoint,
  CityNow,
  FeedCoverageDay,
  FeedNow,
  HourOfAll,
  Location,
  State,
  Station,
  StatusEvent,
  Utilization,
} from '../../answers.js';
import { openPool } from '../database.js';
import { chargingEventsStatement, historyStatement } from './events.js';
import { coverageStatement, feedsStatement } from './feeds.js';
import { locationsStatement } from './locations.js';
import { citiesStatement, hoursStatement } from './overview.js';
import { pointsStatement } from './points.js';
import type { Statement } from './statement.js';
import { stationsStatement } from './stations.js';
import { membersStatement, utilizationStatement } from './utilization.js';

export interface AnswersOptions {
  /** Connections at once. */
  connections: number;
  /** A statement that takes longer fails. */
  timeoutMs: number;
  bridgedSlots: number;
}

/**
 * Opens the answers of a Postgres database, by the connection string of its owner: read-only, as the role for readers
 * where there is one.
 */
export function openPostgresAnswers(url: string, options: AnswersOptions): Answers {
  const { bridgedSlots, timeoutMs } = options;
  const pool = openPool(url, options.connections, {
    // Compiling takes longer than any of these statements.
    onOpen: `set default_transaction_read_only = on; set statement_timeout = ${timeoutMs}; set jit = off;
      do $$ begin set role ladepuls_reader; exception when others then null; end $$`,
  });
  const prepared = preparing();
  const rows = async <Row extends pg.QueryResultRow>({ text, values }: Statement) =>
    (await pool.query<Row>({ ...prepared(text), text, values })).rows;
  return {
    state: async () => {
      const [row] = await rows<State>({ text: STATE, values: [] });
      return row as State;
    },
    cities: () => rows<CityNow>(citiesStatement(bridgedSlots)),
    hours: (span) => rows<HourOfAll>(hoursStatement(span)),
    stations: (query, page) => rows<Station>(stationsStatement(query, page, bridgedSlots)),
    points: (query, page) => rows<ChargingPoint>(pointsStatement(query, page, bridgedSlots)),
    history: (idCp, span, page) => rows<StatusEvent>(historyStatement(idCp, span, page)),
    chargingEvents: (query, span, page) => rows<ChargingEvent>(chargingEventsStatement(query, span, page)),
    utilization: async (query, span, by) => {
      const members = async () =>
        (await rows<{ id_cp: string }>(membersStatement(query))).map(({ id_cp }) => id_cp);
      const ids = query.id_cp === undefined ? await members() : [query.id_cp];
      return rows<Utilization>(utilizationStatement(ids, query, span, by));
    },
    coverage: (query, span, page) => rows<FeedCoverageDay>(coverageStatement(query, span, page)),
    feeds: () => rows<FeedNow>(feedsStatement(bridgedSlots)),
    locations: async (query) => {
      const found = await rows<Location & { total: number }>(locationsStatement(query, bridgedSlots));
      const locations = found.filter(({ id_cs }) => (id_cs as number | null) !== null);
      return { total: found[0]?.total ?? 0, locations };
    },
    close: () => pool.end(),
  };
}

/** Statements that each connection keeps planned. There are some more than can be thought of, one for each mix of filters. */
const MOST_PREPARED = 200;

/** Names statements, by which each connection plans them once: planning takes longer than most of them. */
function preparing(): (text: string) => { name?: string } {
  const names = new Map<string, string>();
  return (text) => {
    const name = names.get(text);
    if (name !== undefined) return { name };
    if (names.size >= MOST_PREPARED) return {};
    names.set(text, createHash('sha1').update(text).digest('hex'));
    return { name: names.get(text) ?? '' };
  };
}

/** A day is published, somebody decides, or a feed's next slot is kept: each changes it, and nothing else does. */
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
