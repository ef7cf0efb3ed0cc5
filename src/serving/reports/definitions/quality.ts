import type { QualityMeasures } from '../../../warehouse/measures.js';
import { readQuality } from '../../../warehouse/open.js';
import { changeOf, define } from '../definition.js';

const wrongShare = ({ failed, checked }: QualityMeasures) => (checked > 0 ? failed / checked : null);

export const quality = define({
  meaning:
    'Quality: how much of what each rule examined is wrong. A rule fails on a day on which that is more than it allows.',
  measure: wrongShare,
  kind: 'share',
  columns: [
    { name: 'severity', key: 'severity', kind: 'text', of: ({ severity }) => severity },
    { name: 'examined', key: 'checked', kind: 'count', of: ({ checked }) => checked },
    { name: 'wrong', key: 'failed', kind: 'count', of: ({ failed }) => failed },
    { name: 'share', key: 'failed_share', kind: 'share', of: wrongShare },
    changeOf({ kind: 'share', of: wrongShare }),
    { name: 'allowed', key: 'threshold', kind: 'share', of: ({ threshold }) => threshold },
    { name: 'failures', key: 'broken', kind: 'count', of: ({ broken }) => broken },
    { name: 'meaning', key: 'meaning', kind: 'text', isLong: true, of: ({ meaning }) => meaning },
  ],
  read: readQuality,
});
