import countries from 'i18n-iso-countries';
import type { Normalised } from './normalised.js';
import { normaliseText } from './text.js';

/** Convert a country to ISO 3166-1 alpha-2, from alpha-2 or alpha-3 in any case. Other text is unchanged. */
export function normaliseCountry(raw: unknown): Normalised<string> {
  const text = normaliseText(raw);
  return text.value === null ? text : { ...text, value: alpha2(text.value) };
}

function alpha2(text: string): string {
  const code = text.toUpperCase();
  if (/^[A-Z]{2}$/.test(code)) return countries.alpha2ToAlpha3(code) === undefined ? text : code;
  return /^[A-Z]{3}$/.test(code) ? (countries.alpha3ToAlpha2(code) ?? text) : text;
}

/**
 * Convert a country from {@link normaliseCountry} to ISO 3166-1 alpha-3. Text that is not a country code is unchanged.
 */
export function alpha3(country: string): string {
  return countries.alpha2ToAlpha3(country) ?? country;
}
