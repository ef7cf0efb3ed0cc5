import { IANAZone } from 'luxon';
import { type ValueType, valueType } from './valueType.js';

/** The name of an IANA time zone. */
export const timeZone: ValueType<string> = valueType({
  allowed: 'an IANA time zone such as Europe/Berlin',
  read: (text) => (IANAZone.isValidZone(text) ? text : undefined),
});
