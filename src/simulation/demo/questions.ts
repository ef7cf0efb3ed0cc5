/** Something that the warehouse answers, with the query that does. */
export interface Question {
  question: string;
  /** Runs in psql and in `ladepuls sql`; it has nothing that a shell's double quotes would change. */
  sql: string;
}

/**
 * Three first questions to a warehouse of some days. A missed poll has left no row, and UNKNOWN is in no denominator:
 * what nobody observed does not count as free.
 *
 * @param timeZone IANA name, for the local times in the answers
 */
export function firstQuestions(timeZone: string): Question[] {
  return [
    { question: 'At which hours are charging points in use? Share of all observations', sql: BY_HOUR },
    { question: 'Which stations are busiest?', sql: BUSIEST },
    {
      question: 'What is out of service now, and when was it last seen working?',
      sql: outOfService(timeZone),
    },
  ];
}

const BY_HOUR = `
select t.hour,
       round(100.0 * count(*) filter (where s.status_cp = 'CHARGING') / count(*), 1) as charging_percent,
       count(*) as observations,
       repeat('█', round(100.0 * count(*) filter (where s.status_cp = 'CHARGING') / count(*))::int) as charging
from status_chargingpoints s
join time t using (query_time)
where s.status_cp <> 'UNKNOWN'
group by t.hour
order by t.hour;`.trim();

/** Half a day of observations at least: what stood there for an hour is no busy station. */
const BUSIEST = `
select cs.name as station, cs.city, cs.operator_name as operator,
       round(100.0 * count(*) filter (where s.status_cp = 'CHARGING') / count(*), 1) as charging_percent,
       count(*) as observations
from status_chargingpoints s
join charging_point cp on cp.id_cp = s.id_chargingpoint
join charging_station cs using (id_cs)
where s.status_cp <> 'UNKNOWN'
group by cs.id_cs
having count(*) >= 72
order by charging_percent desc, cs.id_cs
limit 10;`.trim();

/** Those whose latest known status says so; an hour is left for feeds that missed the last polls. */
const outOfService = (timeZone: string) =>
  `
with point as (
  select id_chargingpoint as id_cp,
         (array_agg(status_cp order by slot desc))[1] as status,
         max(slot) filter (where status_cp not in ('OUTOFORDER', 'INOPERATIVE')) as worked
  from status_chargingpoints
  where status_cp <> 'UNKNOWN'
  group by id_chargingpoint
)
select cp.evse_id, cs.city, cs.operator_name as operator, point.status,
       to_char(point.worked at time zone '${timeZone}', 'YYYY-MM-DD HH24:MI') as last_seen_working
from point
join charging_point cp using (id_cp)
join charging_station cs using (id_cs)
where point.status in ('OUTOFORDER', 'INOPERATIVE')
  and cp.last_seen >= (select max(last_seen) from charging_point) - interval '1 hour'
order by point.worked nulls first, cp.id_cp
limit 10;`.trim();
