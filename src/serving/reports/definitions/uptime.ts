import { uptime as uptimeOf, uptimeStrict } from '../../../domain/shares.js';
import { readMeasures } from '../../../warehouse/open.js';
import { changeOf, define } from '../definition.js';
import { OBSERVED, POINTS } from './columns.js';

export const uptime = define({
  meaning:
    'Uptime: available and occupied minutes of those whose status is known; strict: of all observed ones. Maintenance and vandalism, which feeds do not tell, are not excluded.',
  measure: uptimeOf,
  kind: 'share',
  worstFirst: true,
  columns: [
    POINTS,
    { name: 'uptime', key: 'uptime', kind: 'share', of: uptimeOf },
    changeOf({ kind: 'share', of: uptimeOf }),
    { name: 'strict', key: 'uptime_strict', kind: 'share', of: uptimeStrict },
    { name: 'outages', key: 'outages', kind: 'count', of: ({ outages }) => outages },
    {
      name: 'longest',
      key: 'longest_outage_minutes',
      kind: 'duration',
      of: ({ longestOutageMinutes }) => longestOutageMinutes,
    },
    OBSERVED,
  ],
  read: readMeasures,
});
