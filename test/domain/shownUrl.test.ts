import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { shownUrl, withShownUrls } from '../../src/domain/shownUrl.js';

it.each([
  ['https://me:secret@host/cp', 'https://…@host/cp'],
  ['https://tokenonly@host:8443/cp?a=b', 'https://…@host:8443/cp?a=b'],
  ['https://me:s%40c@host', 'https://…@host/'],
  ['https:me:secret@host/cp', 'https://…@host/cp'],
  ['https://host/cp?format=json&key=4711&page=2', 'https://host/cp?format=json&key=…&page=2'],
  ['https://host/cp?Api-Key=4711', 'https://host/cp?Api-Key=…'],
  ['https://host/cp?%61ccess_token=4711', 'https://host/cp?%61ccess_token=…'],
  ['https://host/cp?t=9f86d081884c7d659a2feaa0c55ad015', 'https://host/cp?t=…'],
  ['https://host/cp#access_token=4711', 'https://host/cp#access_token=…'],
  ['ftp://me:secret@host/cp', 'ftp://…@host/cp'],
  ['https://me:se/cret@host/cp', 'https://…@host/cp'],
  ['//me:secret@host', '//…@host'],
  [`https://me:se'"<>cret@host/cp`, 'https://…@host/cp'],
])('%j is shown as %j, and so is that', (url, shown) => {
  expect(shownUrl(url)).toBe(shown);
  expect(shownUrl(shown)).toBe(shown);
});

it.each([
  'https://new-poi.chargecloud.de/koeln',
  'https://www.data.gouv.fr/fr/datasets/r/eb76d20a-8501-400e-b336-d85724de5435?since=2026-11-20T00:00:00Z',
  'https://host/cp?format=json&id=eb76d20a-8501-400e-b336-d85724de5435',
  'HTTP://Host/cp?empty=&key=',
  'https://host/@me',
  'no address',
  '',
])('%j has no secret and stays letter for letter', (url) => {
  expect(shownUrl(url)).toBe(url);
});

it.each([
  [`"https://me:se'cret@host/cp": timeout`, '"https://…@host/cp": timeout'],
  [`https://host/cp?key=4'711: timeout`, 'https://host/cp?key=…: timeout'],
  ['https://host/,https://me:secret@host/cp', 'https://host/,https://…@host/cp'],
  ['https://host/cp?to=https://me:secret@host/cp', 'https://host/cp?to=https://…@host/cp'],
])('in %j every address is shown as in %j', (text, shown) => {
  expect(withShownUrls(text)).toBe(shown);
});

it('of a text, only the addresses change', () => {
  expect(
    withShownUrls('koeln: https://me:secret@host/cp?key=4711: no whole answer (see https://host/help).'),
  ).toBe('koeln: https://…@host/cp?key=…: no whole answer (see https://host/help).');
});

describe('whatever the secret is', () => {
  // A long secret with a letter that occurs nowhere else: where the letter is found, the secret was shown.
  const secret = fc
    .string({
      unit: fc.constantFrom(
        'Q',
        'q',
        '%',
        ' ',
        '@',
        ':',
        '/',
        '?',
        '#',
        '&',
        '=',
        ';',
        '"',
        "'",
        '<',
        '>',
        '(',
        ')',
        '[',
        ']',
        '{',
        '}',
        '`',
        '!',
        '*',
        '~',
        ',',
        '.',
        '+',
        '\\',
        '|',
        '^',
        '$',
        '…',
        'ä',
      ),
      minLength: 1,
    })
    .map((text) => `Q${text}Q`);

  it('it is not shown as user, password or value of a parameter', () => {
    fc.assert(
      fc.property(
        secret,
        fc.constantFrom(
          'key',
          'apikey',
          'api_key',
          'access_token',
          'X-Auth',
          'client_secret',
          'password',
          'sig',
        ),
        (text, name) => {
          const encoded = encodeURIComponent(text);
          for (const url of [
            `https://${encoded}@host/cp`,
            `https://me:${encoded}@host/cp`,
            `https://host/cp?a=b&${name}=${encoded}&c=d`,
            `https://host/cp?${name}=${encoded}#${name}=${encoded}`,
          ])
            for (const shown of [
              shownUrl(url),
              withShownUrls(`feed: ${url} answered 500`),
              withShownUrls(`(${url})`),
            ])
              expect(shown).not.toMatch(/Q/i);
          // The secret stays hidden when only the characters that would end it are encoded.
          const blunt = text.replaceAll(/[\s%@:/?#&=;\\]/g, encodeURIComponent);
          for (const url of [`https://me:${blunt}@host/cp`, `https://host/cp?a=b&${name}=${blunt}&c=d`])
            for (const shown of [
              shownUrl(url),
              withShownUrls(`feed: ${url} answered 500`),
              withShownUrls(`<a href="${url}">`),
              withShownUrls(`https://host/,${url}`),
            ])
              expect(shown).not.toMatch(/Q/i);
          // The secret stays hidden when nothing is encoded.
          expect(shownUrl(`https://me:${text}@host/cp`)).not.toMatch(/Q.*@/i);
        },
      ),
    );
  });
});
