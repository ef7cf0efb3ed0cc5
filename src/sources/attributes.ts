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
 * The kinds of attributes that the sources' schemas are made of. None of them ever fails, so that a bad
 * attribute never costs its record: what is wrong with a value stands beside it, in its issues.
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

/** Known and kept as it is: a record of its own, or what the reader reads by itself. */
export const nested = attribute((raw) => (raw === undefined ? ABSENT : accepted(raw)));

/** Known, and no part of what is kept. */
export const ignored = attribute(() => ABSENT);
