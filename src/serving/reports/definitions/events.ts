import { readMeasures } from '../../../warehouse/open.js';
import { changeOf, define } from '../definition.js';
import { EVENTS, OBSERVED, PER_POINT_AND_DAY, perPointAndDay, POINTS } from './columns.js';

export const events = define({
  meaning:
    'Charging events that began in the period, and how long they lasted; cut are those that may have been longer than was observed.',
  measure: perPointAndDay,
  kind: 'decimal',
  columns: [
    POINTS,
    EVENTS,
    PER_POINT_AND_DAY,
    changeOf(PER_POINT_AND_DAY),
    {
      name: 'median',
      key: 'median_minutes',
      kind: 'duration',
      of: ({ medianEventMinutes }) => medianEventMinutes,
    },
    {
      name: 'mean',
      key: 'mean_minutes',
      kind: 'duration',
      of: ({ events: count, eventMinutes }) => (count > 0 ? eventMinutes / count : null),
    },
    {
      name: 'cut',
      key: 'cut_share',
      kind: 'share',
      of: ({ events: count, cutEvents }) => (count > 0 ? cutEvents / count : null),
    },
    OBSERVED,
  ],
  read: readMeasures,
});
