import { chargingShare, utilization as utilizationOf } from '../../../domain/shares.js';
import { readMeasures } from '../../../warehouse/open.js';
import { changeOf, define } from '../definition.js';
import { EVENTS, OBSERVED, PER_POINT_AND_DAY, POINTS } from './columns.js';

export const utilization = define({
  meaning:
    'Utilization: occupied minutes of those whose status is known (available, occupied or out of service).',
  measure: utilizationOf,
  kind: 'share',
  columns: [
    POINTS,
    { name: 'utilization', key: 'utilization', kind: 'share', of: utilizationOf },
    changeOf({ kind: 'share', of: utilizationOf }),
    { name: 'charging', key: 'charging_share', kind: 'share', of: chargingShare },
    EVENTS,
    PER_POINT_AND_DAY,
    OBSERVED,
  ],
  read: readMeasures,
});
