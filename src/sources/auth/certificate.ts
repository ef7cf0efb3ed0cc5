import type { X509Certificate } from 'node:crypto';
import { PassThrough } from 'node:stream';
import { createSecureContext, TLSSocket } from 'node:tls';
import { type Secret, SecretFailure } from './secret.js';

/** A client certificate with its private key, as options of a TLS connection. */
export interface ClientCertificate {
  pfx?: Buffer;
  cert?: Buffer;
  key?: Buffer;
  passphrase?: string;
}

const PEM = '-----BEGIN ';
/** The first byte of DER, in which PKCS#12 is written. */
const SEQUENCE = 0x30;
const BASE64 = /^[A-Za-z\d+/\s]+={0,2}\s*$/;

/**
 * Read a client certificate: PKCS#12, or PEM with the certificate, its chain and the private key in one text. PKCS#12
 * may be written in base64, because environment variables hold no binary data.
 *
 * @param passphrase of the private key; null when it needs none
 * @param nowMs milliseconds since the epoch
 * @throws SecretFailure when the certificate can't be read, its passphrase is wrong, or it is not valid now
 */
export function readCertificate(secret: Secret, passphrase: string | null, nowMs: number): ClientCertificate {
  const options = { ...formOf(secret), ...(passphrase !== null && { passphrase }) };
  const certificate = open(options, secret, passphrase);
  const { variable } = secret;
  const [from, to] = [new Date(certificate.validFrom), new Date(certificate.validTo)];
  if (nowMs > to.getTime())
    throw new SecretFailure(
      'certificate_expired',
      `the client certificate in ${variable} expired on ${utc(to)}`,
    );
  if (nowMs < from.getTime())
    throw new SecretFailure(
      'certificate_not_yet_valid',
      `the client certificate in ${variable} is valid from ${utc(from)} on; check the clock of this machine`,
    );
  return options;
}

function formOf({ bytes, variable }: Secret): ClientCertificate {
  if (bytes.includes(PEM)) return { cert: bytes, key: bytes };
  if (bytes[0] === SEQUENCE) return { pfx: bytes };
  const text = bytes.toString('latin1');
  const decoded = BASE64.test(text) ? Buffer.from(text, 'base64') : null;
  if (decoded?.[0] === SEQUENCE) return { pfx: decoded };
  throw new SecretFailure('certificate_unreadable', `${variable} is neither PKCS#12 nor PEM`);
}

/** Open a certificate as a TLS connection would, and return it. */
function open(options: ClientCertificate, secret: Secret, passphrase: string | null): X509Certificate {
  try {
    const socket = new TLSSocket(new PassThrough(), { secureContext: createSecureContext(options) });
    const certificate = socket.getX509Certificate();
    socket.destroy();
    if (certificate !== undefined) return certificate;
  } catch (error) {
    throw unreadable(error, secret, passphrase);
  }
  throw new SecretFailure('certificate_unreadable', `${secret.variable} contains no certificate`);
}

function unreadable(error: unknown, { bytes, variable }: Secret, passphrase: string | null): SecretFailure {
  const what = error instanceof Error ? error.message : '';
  const isEncryptedPem = bytes.includes(PEM) && bytes.includes('ENCRYPTED');
  if (/mac verify failure|bad decrypt|bad password/i.test(what) || isEncryptedPem)
    return new SecretFailure(
      'certificate_passphrase',
      passphrase === null
        ? `the private key in ${variable} needs a passphrase, and the feed names none: certificate:NAME:PASSPHRASE`
        : `the passphrase of the private key in ${variable} is wrong`,
    );
  if (/unsupported PKCS12/i.test(what))
    return new SecretFailure(
      'certificate_unreadable',
      `${variable} is PKCS#12 with an old cipher. Export it again: "openssl pkcs12 -legacy -in OLD -out PEM", ` +
        'and use the PEM file',
    );
  if (/key values mismatch/i.test(what))
    return new SecretFailure(
      'certificate_unreadable',
      `the private key in ${variable} belongs to another certificate; the first certificate must be the client's`,
    );
  // OpenSSL's messages name structures, and never contain any data of a key.
  return new SecretFailure(
    'certificate_unreadable',
    `${variable} can't be read as a certificate with its key: ${what}`,
  );
}

function utc(instant: Date): string {
  return instant.toISOString().replace('.000Z', 'Z');
}
