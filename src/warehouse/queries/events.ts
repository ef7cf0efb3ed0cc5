import type { Day } from '../../domain/day.js';
import { GROUP, iso, type StatusGroup } from './now.js';
import {
  behind,
  Parameters,
  type PageOf,
  type ChargingPointFilter,
  type Query,
  type Period,
} from './query.js';

/** A past event; see `status_event` in docs/data-model.md. */
export interface StatusEvent {
  id_cp: string;
  start_at: string;
  end_at: string;
  day: Day;
  duration_minutes: number;
  unobserved_minutes: number;
  status: string;
  status_group: StatusGroup;
  status_before: string | null;
  status_after: string | null;
  start_cut: string | null;
  end_cut: string | null;
}

export type ChargingEvent = Omit<StatusEvent, 'status' | 'status_group'>;

const EVENT_COLUMNS = [
  'id_cp',
  'start_at',
  'end_at',
  'day',
  'duration_minutes',
  'unobserved_minutes',
  'status_before',
  'status_after',
  'start_cut',
  'end_cut',
] as const;

const COLUMNS = `
  event.id_cp, ${iso('event.start_at')} as start_at, ${iso('event.end_at')} as end_at, event.day::text as day,
  (extract(epoch from event.end_at - event.start_at) / 60)::int as duration_minutes,
  (extract(epoch from event.end_at - event.start_at) / 60)::int - event.observed_minutes as unobserved_minutes,
  event.status_before, event.status_after, event.start_cut, event.end_cut`;

/** A page of the statuses of a charging point in a period, in order of time. */
export const history: Query<[idCp: string, span: Period, page: PageOf], StatusEvent> = {
  columns: [...EVENT_COLUMNS, 'status', 'status_group'],
  statement(_, idCp, { start, end }, page) {
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
  },
};

/** A page of the charging events that began in a period, in order of time. */
export const chargingEvents: Query<[filter: ChargingPointFilter, span: Period, page: PageOf], ChargingEvent> =
  {
    columns: EVENT_COLUMNS,
    statement(_, filter, { from, to }, page) {
      const parameters = new Parameters();
      const text = `
      select ${COLUMNS}
      from status_event as event
      join config.status_group as meaning on meaning.status = event.status and meaning.is_charging
      where ${parameters.where({
        'event.day >= ?': from,
        'event.day <= ?': to,
        'event.id_cp = ?': filter.id_cp,
        'event.id_cp in (select id_cp from charging_point where id_cs = ?)': filter.id_cs,
        'event.id_cp in (select id_cp from charging_point join charging_station as station using (id_cs) where lower(station.city) = lower(?))':
          filter.city,
      })} and ${behind(page.after, ['event.day', 'event.start_at', 'event.id_cp'], parameters)}
      order by event.day, event.start_at, event.id_cp
      limit ${parameters.add(page.limit)}`;
      return { text, values: parameters.values };
    },
  };
