import countries from 'i18n-iso-countries';
import { expect, it } from 'vitest';
import { normaliseCountry } from '../../src/domain/country.js';

it.each([
  ['DE', 'DE'],
  ['DEU', 'DE'],
  [' aut ', 'AT'],
  ['de', 'DE'],
  ['276', 'DE'],
  ['040', 'AT'],
  ['GER', 'DE'],
  ['D', 'DE'],
  ['d', 'DE'],
  ['A', 'AT'],
  ['SUI', 'CH'],
  ['UK', 'GB'],
  ['EL', 'GR'],
  ['Deutschland', 'DE'],
  ['DEUTSCHLAND', 'DE'],
  ['Germany', 'DE'],
  ['Allemagne', 'DE'],
  ['Bundesrepublik  Deutschland', 'DE'],
  ['Österreich', 'AT'],
  ['O\u0308sterreich', 'AT'],
  ['Osterreich', 'AT'],
  ['Oesterreich', 'AT'],
  ['Nederland', 'NL'],
  ['The Netherlands', 'NL'],
  ['Polska', 'PL'],
  ['Ελλάδα', 'GR'],
  ['', null],
  [null, null],
])('reads %j as %j', (raw, expected) => {
  expect(normaliseCountry(raw)).toEqual({ value: expected, issues: [] });
});

it.each(['XX', 'ZZZ', '999', 'Atlantis', 'DE/AT', '__proto__', 'constructor', 'x'.repeat(5_000)])(
  'reads %j as an unknown country, and says so',
  (raw) => {
    const { value, issues } = normaliseCountry(raw);
    expect(value).toBeNull();
    expect(issues[0]).toEqual({ reason: 'unknown_country', at: '', raw });
  },
);

it('says that a country is no text, also where its digits mean one', () => {
  expect(normaliseCountry(276)).toEqual({
    value: 'DE',
    issues: [{ reason: 'not_text', at: '', raw: 276 }],
  });
  expect(normaliseCountry({ code: 'DE' })).toMatchObject({ value: null, issues: [{ reason: 'not_text' }] });
});

it('reads every code of ISO 3166-1 as its own country, before any other code or name', () => {
  for (const [code, alpha3] of Object.entries(countries.getAlpha2Codes())) {
    const numeric = countries.alpha2ToNumeric(code);
    for (const text of [code, alpha3, code.toLowerCase(), ...(numeric === undefined ? [] : [numeric])])
      expect(normaliseCountry(text).value, text).toBe(code);
  }
});

it('reads the German and the English name of every country', () => {
  for (const language of ['de', 'en'])
    for (const [code, name] of Object.entries(countries.getNames(language)))
      expect(normaliseCountry(name).value, name).toBe(code);
});
