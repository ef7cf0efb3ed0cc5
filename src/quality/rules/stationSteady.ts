import { STATION_COLUMNS } from '../../domain/flatFiles.js';
import { examineChanges, MOST_CHANGES, type QualityRule } from '../rule.js';

export const stationSteady: QualityRule = {
  name: 'station_steady',
  meaning: `The master data of a station change at most ${MOST_CHANGES} times a day: they do not flip from poll to poll.`,
  subject: 'charging_station',
  severity: 'warning',
  threshold: 0,
  examine: examineChanges('charging_station', STATION_COLUMNS),
};
