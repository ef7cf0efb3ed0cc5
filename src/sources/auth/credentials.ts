import type { Auth } from './auth.js';
import { type ClientCertificate, readCertificate } from './certificate.js';
import { Hiding } from './hiding.js';
import { type ReadSecret, type Secret, SecretFailure, textOf } from './secret.js';

/** What a request to a feed sends so that the feed recognises this client. */
export interface Credentials {
  headers: Record<string, string>;
  /** Parameters of the address, not yet encoded. */
  parameters: [name: string, value: string][];
  certificate: ClientCertificate | null;
  /** Removes the secrets above from messages and answers. */
  hiding: Hiding;
}

/** Longest text in a header, in bytes. Servers usually accept 8 to 16 kB for all headers. */
const MAX_HEADER_BYTES = 6_000;

/**
 * Read the secrets that some ways of authentication name, and prepare what a request sends.
 *
 * @param nowMs milliseconds since the epoch, at which a certificate must be valid
 * @throws SecretFailure when a secret is missing or can't be used; the message never contains a secret
 */
export async function prepareCredentials(
  auths: readonly Auth[],
  read: ReadSecret,
  nowMs: number,
): Promise<Credentials> {
  const headers: Record<string, string> = {};
  const parameters: Credentials['parameters'] = [];
  const hidden: string[] = [];
  let certificate: ClientCertificate | null = null;
  for (const auth of auths) {
    const secret = await read(auth.secret);
    if (auth.kind === 'certificate') {
      const passphrase = auth.passphrase === null ? null : textOf(await read(auth.passphrase));
      if (passphrase !== null) hidden.push(passphrase);
      certificate = readCertificate(secret, passphrase, nowMs);
      continue;
    }
    const text = textOf(secret);
    hidden.push(text);
    switch (auth.kind) {
      case 'query':
        parameters.push([auth.name, text]);
        break;
      case 'header':
        headers[auth.name] = headerText(text, secret);
        break;
      case 'basic':
        headers.Authorization = `Basic ${base64(userAndPassword(text, secret, hidden), secret)}`;
        break;
      case 'token':
        headers.Authorization = `Token ${base64(text, secret)}`;
        break;
      case 'token-plain':
        headers.Authorization = `Token ${headerText(text, secret)}`;
        break;
      case 'bearer':
        headers.Authorization = `Bearer ${headerText(text, secret)}`;
        break;
    }
  }
  return { headers, parameters, certificate, hiding: new Hiding(hidden) };
}

/**
 * Add the parameters of some credentials to an address. An address that has a parameter of that name is not changed by
 * it: a redirect may lead to an address that has the parameter already.
 */
export function withParameters(url: string, { parameters }: Credentials): string {
  return parameters.reduce((address, [name, value]) => {
    const parsed = new URL(address);
    if (parsed.searchParams.has(name)) return address;
    // Not by URLSearchParams, which would write the other parameters anew, perhaps in another encoding.
    const added = `${encodeURIComponent(name)}=${encodeURIComponent(value)}`;
    parsed.search = parsed.search === '' ? added : `${parsed.search}&${added}`;
    return parsed.href;
  }, url);
}

function base64(text: string, secret: Secret): string {
  return headerText(Buffer.from(text).toString('base64'), secret);
}

function headerText(text: string, { variable }: Secret): string {
  if (text.length > MAX_HEADER_BYTES)
    throw new SecretFailure('secret_invalid', `${variable}: the secret is too long for a header`);
  if (!/^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/.test(text))
    throw new SecretFailure(
      'secret_invalid',
      `${variable}: a header can't hold the secret, since it begins or ends with a blank, or has a character that is not ASCII`,
    );
  return text;
}

/** Check the secret of HTTP basic, and add its password to the hidden texts. */
function userAndPassword(text: string, { variable }: Secret, hidden: string[]): string {
  const at = text.indexOf(':');
  if (at < 0) throw new SecretFailure('secret_invalid', `${variable}: the secret must be user:password`);
  hidden.push(text.slice(at + 1));
  return text;
}
