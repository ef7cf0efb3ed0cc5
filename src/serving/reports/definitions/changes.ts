import type { ChangeMeasures } from '../../../warehouse/measures.js';
import { readChanges } from '../../../warehouse/open.js';
import { changeOf, define } from '../definition.js';

const all = ({ appeared, changed, returned, retired }: ChangeMeasures) =>
  appeared + changed + returned + retired;

export const changes = define({
  meaning:
    'Changes of master data: stations, charging points and connectors that appeared, changed, came back or were retired.',
  measure: all,
  kind: 'count',
  columns: [
    { name: 'changes', key: 'changes', kind: 'count', of: all },
    changeOf({ kind: 'count', of: all }),
    { name: 'appeared', key: 'appeared', kind: 'count', of: ({ appeared }) => appeared },
    { name: 'changed', key: 'changed', kind: 'count', of: ({ changed }) => changed },
    { name: 'came back', key: 'returned', kind: 'count', of: ({ returned }) => returned },
    { name: 'retired', key: 'retired', kind: 'count', of: ({ retired }) => retired },
  ],
  read: readChanges,
});
