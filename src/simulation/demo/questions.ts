/** A question that the warehouse can answer, with its query. */
export interface Question {
  question: string;
  /** SQL for psql and `ladepuls sql`. It has no characters that a shell changes within double quotes. */
  sql: string;
}

/**
 * Return three first questions to a warehouse of some days. A missed poll has no row, and the queries leave out
 * UNKNOWN. Therefore unobserved time does not count as free.
 *
 * @param timeZone IANA name, for the local times in the results
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

/** At least 72 observations (half a day), because a station that was observed for an hour can't be called busy. */
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

/**
 * Charging points whose latest known status is out of service. One hour is allowed for feeds whose last polls were
 * missed.
 */
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
