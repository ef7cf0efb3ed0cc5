import type { PageOf, PlaceQuery, Span } from '../../answers.js';
import { GROUP, iso } from './now.js';
import { behind, Parameters, type Statement } from './statement.js';

const COLUMNS = `
  event.id_cp, ${iso('event.start_at')} as start_at, ${iso('event.end_at')} as end_at, event.day::text as day,
  (extract(epoch from event.end_at - event.start_at) / 60)::int as duration_minutes,
  (extract(epoch from event.end_at - event.start_at) / 60)::int - event.observed_minutes as unobserved_minutes,
  event.status_before, event.status_after, event.start_cut, event.end_cut`;

/** The statement for a page of what a charging point's statuses were in a span, in the order of time. */
export function historyStatement(idCp: string, { start, end }: Span, page: PageOf): Statement {
  const parameters = new Parameters();
  const text = `
    select ${COLUMNS}, event.status, ${GROUP} as status_group
    from status_event as event
    left join config.status_group as meaning using (status)
    where ${parameters.where({
      'event.id_cp = ?': idCp,
      'event.end_at > ?': new Date(start),
      'event.start_at < ?': new Date(end),
    })} and ${behind(page.after, ['event.start_at'], parameters)}
    order by event.start_at
    limit ${parameters.add(page.limit)}`;
  return { text, values: parameters.values };
}

/** The statement for a page of charging events that began in a span, in the order of time. */
export function chargingEventsStatement(query: PlaceQuery, { from, to }: Span, page: PageOf): Statement {
  const parameters = new Parameters();
  const text = `
    select ${COLUMNS}
    from status_event as event
    join config.status_group as meaning on meaning.status = event.status and meaning.is_charging
    where ${parameters.where({
      'event.day >= ?': from,
      'event.day <= ?': to,
      'event.id_cp = ?': query.id_cp,
      'event.id_cp in (select id_cp from charging_point where id_cs = ?)': query.id_cs,
      'event.id_cp in (select id_cp from charging_point join charging_station as station using (id_cs) where lower(station.city) = lower(?))':
        query.city,
    })} and ${behind(page.after, ['event.day', 'event.start_at', 'event.id_cp'], parameters)}
    order by event.day, event.start_at, event.id_cp
    limit ${parameters.add(page.limit)}`;
  return { text, values: parameters.values };
}
