import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Auth,
  AUTH_FORMS,
  formatAuth,
  InvalidAuth,
  parseAccess,
  parseAuth,
  secretsOf,
} from '../../../src/sources/auth/auth.js';
import { secretNameOf, withoutSecrets } from '../../../src/sources/auth/secretName.js';

const URL = 'https://example.org/locations';

const refusal = (work: () => unknown): string => {
  try {
    work();
  } catch (error) {
    expect(error).toBeInstanceOf(InvalidAuth);
    return (error as Error).message;
  }
  return expect.fail('it was accepted');
};

const secret = fc.stringMatching(/^[A-Z][A-Z0-9_]{0,20}$/).filter((name) => !name.endsWith('_FILE'));
const auth: fc.Arbitrary<Auth> = fc.oneof(
  fc.record({ kind: fc.constantFrom('token', 'token-plain', 'bearer', 'basic'), secret }),
  fc.record({ kind: fc.constant('header'), name: fc.stringMatching(/^X-[A-Za-z-]{1,20}$/), secret }),
  fc.record({ kind: fc.constant('query'), name: fc.stringMatching(/^[a-z_]{1,20}$/), secret }),
  fc.record({ kind: fc.constant('certificate'), secret, passphrase: fc.option(secret) }),
);

describe('a way of authentication', () => {
  it('is read as it was written', () => {
    const property = fc.property(auth, (written) => {
      expect(parseAuth(formatAuth(written))).toEqual(written);
    });
    fc.assert(property);
  });

  it('has the forms that the help lists', () => {
    for (const [kind, { form }] of Object.entries(AUTH_FORMS))
      expect(parseAuth(form.replace(/\[.*]/, '')).kind).toBe(kind);
  });

  it.each([
    ['', /kind is unknown/],
    ['EVSE', /kind is unknown.*token:NAME/],
    ['digest:NAME', /kind is unknown/],
    ['token', /form token:NAME/],
    ['token:A:B', /form token:NAME/],
    ['header:A', /form header:X-API-Key:NAME/],
    ['certificate:A:B:C', /form certificate:NAME/],
    ['token:', /NAME of a secret/],
    ['token:lower', /NAME of a secret/],
    ['token:ÄÖ', /NAME of a secret/],
    ['token:1A', /NAME of a secret/],
    ['token:A-B', /NAME of a secret/],
    ['token:A B', /NAME of a secret/],
    ['token:A_FILE', /not ending with _FILE/],
    [`token:${'A'.repeat(65)}`, /at most 64/],
    ['token:A\nB', /NAME of a secret/],
    ['header:X Key:A', /name of a header/],
    ['header:Host:A', /name of a header/],
    ['header:transfer-encoding:A', /name of a header/],
    ['header:X\r\nY:A', /name of a header/],
    ['query:a&b:A', /name of a parameter/],
    ['query::A', /name of a parameter/],
  ])('is not %j', (text, message) => {
    expect(refusal(() => parseAuth(text))).toMatch(message);
  });

  it('is never repeated by an error, because people type the secret in place of its name', () => {
    for (const text of ['token:s3cr3t-4711', 's3cr3t-4711', 's3cr3t-4711:x', 'header:X-Key:s3cr3t-4711'])
      expect(refusal(() => parseAuth(text))).not.toContain('s3cr3t');
  });
});

describe('several ways of authentication', () => {
  it('are used together, such as a client certificate and a token', () => {
    const { auths } = parseAccess(['certificate:CERT:PASS', 'header:X-API-Key:KEY'], URL);
    expect(secretsOf(auths)).toEqual(['CERT', 'PASS', 'KEY']);
  });

  it.each([
    [['token:A', 'bearer:B'], URL, /two of them set the header Authorization/],
    [['header:authorization:A', 'basic:B'], URL, /two of them set the header Authorization/],
    [['query:key:A', 'query:key:B'], URL, /two of them set the parameter key/],
    [['certificate:A', 'certificate:B'], URL, /two of them set the client certificate/],
    [['token:A'], 'https://me:pw@example.org/', /address has a user or password/],
    [['query:key:A'], `${URL}?key=1`, /has the parameter key already/],
    [['certificate:A'], 'http://example.org/', /needs an address with https/],
  ])('%j can not be used at %s', (texts, url, message) => {
    expect(refusal(() => parseAccess(texts, url))).toMatch(message);
  });
});

it('a variable has the name of its secret, with _FILE or without', () => {
  expect(secretNameOf('LADEPULS_SECRET_EVSE')).toBe('EVSE');
  expect(secretNameOf('LADEPULS_SECRET_EVSE_FILE')).toBe('EVSE');
  const odd = [
    'LADEPULS_SECRET_',
    'LADEPULS_SECRET_FILE_FILE_FILE',
    'LADEPULS_SECRET_x',
    'LADEPULS_SECRETS_A',
  ];
  expect(odd.map(secretNameOf)).toEqual([null, null, null, null]);
});

it('processes that send no requests to feeds get no secret', () => {
  const env = { LADEPULS_SECRET_A: 'x', LADEPULS_SECRET_B_FILE: '/y', LADEPULS_FEEDS: 'bonn', PATH: '/bin' };
  expect(withoutSecrets(env)).toEqual({ LADEPULS_FEEDS: 'bonn', PATH: '/bin' });
});
