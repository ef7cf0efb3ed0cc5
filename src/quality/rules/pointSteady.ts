import { POINT_COLUMNS } from '../../domain/flatFiles.js';
import { examineChanges, MOST_CHANGES, type QualityRule } from '../rule.js';

export const pointSteady: QualityRule = {
  name: 'point_steady',
  meaning: `The master data of a charging point change at most ${MOST_CHANGES} times a day: they do not flip from poll to poll.`,
  subject: 'charging_point',
  severity: 'warning',
  threshold: 0,
  examine: examineChanges('charging_point', POINT_COLUMNS),
};
