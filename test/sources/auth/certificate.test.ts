import { describe, expect, it } from 'vitest';
import { readCertificate } from '../../../src/sources/auth/certificate.js';
import { SecretFailure } from '../../../src/sources/auth/secret.js';
import {
  AUTHORITY,
  CLIENT_ENCRYPTED_PEM,
  CLIENT_PEM,
  CLIENT_PKCS12,
  EXPIRED_PEM,
  FUTURE_PEM,
  LEGACY_PKCS12,
  PASSPHRASE,
} from '../support/clientCertificates.js';

const NOW = Date.UTC(2030, 0, 1);
const PKCS12 = Buffer.from(CLIENT_PKCS12, 'base64');
const secretOf = (content: string | Buffer) => ({
  bytes: Buffer.from(content),
  variable: 'LADEPULS_SECRET_CERT_FILE',
});

describe('a client certificate is read', () => {
  it.each([
    ['PEM', CLIENT_PEM, null],
    [
      'PEM whose key stands first',
      CLIENT_PEM.split(/(?=-----BEGIN PRIVATE)/)
        .reverse()
        .join('\n'),
      null,
    ],
    ['PEM with an encrypted key', CLIENT_ENCRYPTED_PEM, PASSPHRASE],
    ['PEM below other text', `Bag Attributes\n  friendlyName: x\n${CLIENT_PEM}`, null],
    ['PKCS#12', PKCS12, PASSPHRASE],
    ['PKCS#12 in base64, in lines', CLIENT_PKCS12, PASSPHRASE],
    ['PKCS#12 in base64, in one line', PKCS12.toString('base64'), PASSPHRASE],
  ])('from %s', (_, content, passphrase) => {
    expect(readCertificate(secretOf(content), passphrase, NOW)).toBeTypeOf('object');
  });
});

describe('a client certificate can not be used', () => {
  it.each([
    ['certificate_expired', EXPIRED_PEM, null, /expired on 2021-01-01T00:00:00Z/],
    ['certificate_not_yet_valid', FUTURE_PEM, null, /valid from 2120-01-01T00:00:00Z on/],
    ['certificate_passphrase', PKCS12, 'another-4711', /passphrase.*is wrong/],
    ['certificate_passphrase', PKCS12, null, /needs a passphrase, and the feed names none/],
    ['certificate_passphrase', CLIENT_ENCRYPTED_PEM, 'another-4711', /passphrase.*is wrong/],
    ['certificate_passphrase', CLIENT_ENCRYPTED_PEM, null, /needs a passphrase/],
    ['certificate_unreadable', Buffer.from(LEGACY_PKCS12, 'base64'), PASSPHRASE, /old cipher.*-legacy/],
    ['certificate_unreadable', PKCS12.subarray(0, 300), PASSPHRASE, /can't be read/],
    ['certificate_unreadable', 'no certificate', null, /neither PKCS#12 nor PEM/],
    ['certificate_unreadable', Buffer.alloc(10), null, /neither PKCS#12 nor PEM/],
    ['certificate_unreadable', AUTHORITY, null, /can't be read/],
    [
      'certificate_unreadable',
      CLIENT_PEM.slice(CLIENT_PEM.indexOf('-----BEGIN PRIVATE')),
      null,
      /can't be read/,
    ],
    ['certificate_unreadable', CLIENT_PEM.slice(0, 200), null, /can't be read/],
    ['certificate_unreadable', `${AUTHORITY}\n${CLIENT_PEM}`, null, /belongs to another certificate/],
  ])('%s', (reason, content, passphrase, message) => {
    const read = () => readCertificate(secretOf(content), passphrase, NOW);
    expect(read).toThrow(SecretFailure);
    expect(read).toThrow(
      expect.objectContaining({ reason, message: expect.stringMatching(message) as string }),
    );
    expect(read).toThrow(/LADEPULS_SECRET_CERT_FILE/);
    expect(read).not.toThrow(/4711|9182|PRIVATE/);
  });

  it('once its time is over, though it was valid before', () => {
    const [from, to] = [Date.UTC(2020, 0, 1), Date.UTC(2021, 0, 1)];
    for (const nowMs of [from, to]) readCertificate(secretOf(EXPIRED_PEM), null, nowMs);
    expect(() => readCertificate(secretOf(EXPIRED_PEM), null, to + 1)).toThrow(/expired/);
  });
});
