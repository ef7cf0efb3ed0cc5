import { topic } from '../setting.js';
import { loadInterval } from '../types/duration.js';
import { wholeNumber } from '../types/number.js';
import { yesOrNo } from '../types/text.js';

export const LOADING = topic('Loading', {
  everyMinutes: {
    name: 'LADEPULS_LOAD_EVERY',
    type: loadInterval,
    unset: 'a day is loaded once, in the night after it',
    about: 'The time between two loads of the current day.',
    isCommon: true,
  },
  bridgedSlots: {
    name: 'LADEPULS_BRIDGED_SLOTS',
    type: wholeNumber(0, 12, 'polls'),
    default: '2',
    about:
      'The most missed polls in a row that do not end a charging event; applies to a day when it is next loaded.',
  },
  refusesSevere: {
    name: 'LADEPULS_REFUSE_SEVERE',
    type: yesOrNo,
    default: 'no',
    about: 'Whether a day stays unpublished if it fails a severe quality rule.',
  },
  retentionMonths: {
    name: 'LADEPULS_RETENTION_MONTHS',
    type: wholeNumber(1, 1200, 'months'),
    unset: 'all facts stay in the warehouse',
    about: 'The age above which facts move from the warehouse to the flat store.',
    isCommon: true,
  },
});
