import countries from 'i18n-iso-countries';
import { flagged, type Normalised } from './normalised.js';
import { normaliseText } from './text.js';

/**
 * Codes of Europe's countries that feeds write, and that are neither alpha-2 nor alpha-3: distinguishing signs of
 * vehicles, codes of the International Olympic Committee, and the codes that the EU uses for Greece and Great Britain.
 */
const OTHER_CODES: ReadonlyMap<string, string> = new Map(
  Object.entries({
    AT: 'A',
    BE: 'B',
    BG: 'BUL',
    CH: 'SUI',
    DE: 'D GER BRD',
    DK: 'DEN',
    ES: 'E',
    FR: 'F',
    GB: 'UK',
    GG: 'GBG',
    GI: 'GBZ',
    GR: 'EL GRE',
    HR: 'CRO',
    HU: 'H',
    IM: 'GBM',
    IT: 'I',
    JE: 'GBJ',
    LI: 'FL',
    LU: 'L',
    LV: 'LAT',
    MC: 'MON',
    MK: 'NMK',
    MT: 'M',
    NL: 'NED',
    NO: 'N',
    PT: 'P POR',
    SE: 'S',
    SI: 'SLO',
    SM: 'RSM',
    VA: 'V',
  }).flatMap(([code, others]) => others.split(' ').map((other) => [other, code])),
);

/**
 * Languages whose names of countries are read. When a name means several countries, the first language of the list
 * decides.
 */
const LANGUAGES =
  'de en fr nl it es da pl cs pt sv nb nn fi et lv lt sk sl hr hu ro bg el ga mt is tr sr bs mk sq uk ru ca'.split(
    ' ',
  );

/** Names that the library does not have. */
const OTHER_NAMES: Record<string, string> = {
  'Bundesrepublik Deutschland': 'DE',
  'Federal Republic of Germany': 'DE',
  Oesterreich: 'AT',
};

/** Names are longer than this in no language. */
const MAX_NAME_LENGTH = 100;

let names: ReadonlyMap<string, string> | undefined;

/**
 * Convert a country to ISO 3166-1 alpha-2, in any case, from: alpha-2, alpha-3 or three digits of ISO 3166-1; another
 * code that is common in Europe; a name in a language of Europe.
 * Issues: those of the text; `unknown_country`.
 *
 * @example normaliseCountry('Deutschland').value // 'DE'
 */
export function normaliseCountry(raw: unknown): Normalised<string> {
  const text = normaliseText(raw);
  if (text.value === null) return text;
  const code = alpha2(text.value);
  if (code !== undefined) return { ...text, value: code };
  return flagged<string>(null, [{ reason: 'unknown_country', at: '', raw }, ...text.issues]);
}

function alpha2(text: string): string | undefined {
  const code = text.toUpperCase();
  if (/^[A-Z]{2}$/.test(code) && countries.alpha2ToAlpha3(code) !== undefined) return code;
  const iso = /^\d{3}$/.test(code) ? countries.numericToAlpha2(code) : countries.alpha3ToAlpha2(code);
  return iso ?? OTHER_CODES.get(code) ?? codeOfName(text);
}

function codeOfName(name: string): string | undefined {
  if (name.length > MAX_NAME_LENGTH) return undefined;
  names ??= readNames();
  return names.get(fold(name));
}

/** Return the codes of all countries by their folded names. */
function readNames(): Map<string, string> {
  const codes = new Map(Object.entries(OTHER_NAMES).map(([name, code]) => [fold(name), code]));
  for (const language of LANGUAGES)
    for (const [code, all] of Object.entries(countries.getNames(language, { select: 'all' })))
      for (const name of all) if (!codes.has(fold(name))) codes.set(fold(name), code);
  return codes;
}

/** Return a name without case and diacritics. */
function fold(name: string): string {
  return name
    .normalize('NFKD')
    .replace(/\p{Mark}/gu, '')
    .toLowerCase();
}

/**
 * Convert a country from {@link normaliseCountry} to ISO 3166-1 alpha-3. Text that is not a country code is unchanged.
 */
export function alpha3(country: string): string {
  return countries.alpha2ToAlpha3(country) ?? country;
}
