import { topic } from '../setting.js';
import { folder, oneOf } from '../types/text.js';
import { timeZone } from '../types/timeZone.js';

export const GENERAL = topic('General', {
  home: {
    name: 'LADEPULS_HOME',
    type: folder,
    default: '.ladepuls',
    about:
      'The home: the folder with everything of one installation, such as databases, stores, the spool and logs.',
    isCommon: true,
  },
  timeZone: {
    name: 'LADEPULS_TIME_ZONE',
    type: timeZone,
    default: 'Europe/Berlin',
    about: 'The time zone of days and of local times.',
    isCommon: true,
  },
  logLevel: {
    name: 'LADEPULS_LOG_LEVEL',
    type: oneOf('debug', 'info', 'warn', 'error'),
    default: 'info',
    about: 'The least severe level that the worker and the API log.',
  },
});
