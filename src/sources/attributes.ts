import { z } from 'zod';
import { normaliseCountry } from '../domain/country.js';
import { ABSENT, accepted, type Normalised } from '../domain/normalised.js';
import {
  normaliseBoolean,
  normaliseInteger,
  normaliseLatitude,
  normaliseLongitude,
  normaliseWattsAsKilowatts,
} from '../domain/number.js';
import { normaliseOpeningHours } from '../domain/openingHours.js';
import { normaliseText } from '../domain/text.js';
import { normaliseTextSet } from '../domain/textSet.js';

/**
 * Create the schema of an attribute. Parsing never fails, so that an invalid attribute does not make its record
 * unreadable: problems with a value are returned as its issues.
 */
export function attribute<T>(normalise: (raw: unknown) => Normalised<T>) {
  return z
    .unknown()
    .optional()
    .transform((raw) => normalise(raw));
}

export const text = attribute(normaliseText);
export const integer = attribute(normaliseInteger);
export const kilowattsFromWatts = attribute(normaliseWattsAsKilowatts);
export const latitude = attribute(normaliseLatitude);
export const longitude = attribute(normaliseLongitude);
export const boolean = attribute(normaliseBoolean);
export const country = attribute(normaliseCountry);
export const textSet = attribute(normaliseTextSet);
export const openingHours = attribute(normaliseOpeningHours);

/** A known field whose value is kept unchanged: a nested record, or a value that the source's reader interprets. */
export const nested = attribute((raw) => (raw === undefined ? ABSENT : accepted(raw)));

/** A known field whose value is not used. */
export const ignored = attribute(() => ABSENT);
