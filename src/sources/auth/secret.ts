import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { FILE_SUFFIX, SECRET_PREFIX } from './secretName.js';

/** Why a secret can't be used. These words are stored as reasons of polls. */
export type SecretFailureReason =
  | 'secret_missing'
  | 'secret_invalid'
  | 'certificate_expired'
  | 'certificate_not_yet_valid'
  | 'certificate_passphrase'
  | 'certificate_unreadable';

/** A secret can't be used. The message names the variable of the secret, and never contains its value. */
export class SecretFailure extends Error {
  override name = 'SecretFailure';
  constructor(
    readonly reason: SecretFailureReason,
    message: string,
  ) {
    super(message);
  }
}

/** A secret, and the variable that holds it or names its file. */
export interface Secret {
  bytes: Buffer;
  variable: string;
}

/**
 * Read a secret by its NAME.
 *
 * @throws SecretFailure with the reason `secret_missing` or `secret_invalid`
 */
export type ReadSecret = (name: string) => Promise<Secret>;

/** The largest secret, in bytes: more than a client certificate with its chain needs. */
export const MAX_SECRET_BYTES = 256_000;

const LINE_BREAKS_AT_END = /[\r\n]+$/;
const BYTE_ORDER_MARK = '\u{feff}';

/**
 * Return a function that reads secrets from an environment: from `LADEPULS_SECRET_<NAME>`, or from the file that
 * `LADEPULS_SECRET_<NAME>_FILE` names. A file is read anew each time, so that a new secret holds from the next request
 * on.
 */
export function secretsIn(env: NodeJS.ProcessEnv): ReadSecret {
  return async (name) => {
    const variable = SECRET_PREFIX + name;
    const fileVariable = variable + FILE_SUFFIX;
    const value = env[variable] ?? '';
    const file = env[fileVariable] ?? '';
    if (value !== '' && file !== '')
      throw new SecretFailure(
        'secret_invalid',
        `${variable} and ${fileVariable} are both set: unset one of them`,
      );
    if (file !== '') return { bytes: await readSecretFile(file, fileVariable), variable: fileVariable };
    if (value !== '') return { bytes: Buffer.from(value), variable };
    throw new SecretFailure(
      'secret_missing',
      `neither ${variable} nor ${fileVariable} is set in the environment of this process`,
    );
  };
}

/**
 * Read the text of a secret, without line breaks at its end.
 *
 * @throws SecretFailure when the text is empty, no UTF-8, or has a control character such as a line break
 */
export function textOf({ bytes, variable }: Secret): string {
  const decoded = bytes.toString('utf8');
  const text = (decoded.startsWith(BYTE_ORDER_MARK) ? decoded.slice(1) : decoded).replace(
    LINE_BREAKS_AT_END,
    '',
  );
  if (text === '') throw new SecretFailure('secret_missing', `${variable}: the secret is empty`);
  if (/[\r\n\u{85}\u{2028}\u{2029}]/u.test(text))
    throw new SecretFailure(
      'secret_invalid',
      `${variable}: the secret has a line break within, so it can't be sent`,
    );
  if (/\p{Cc}/u.test(text))
    throw new SecretFailure(
      'secret_invalid',
      `${variable}: the secret has a control character, so it can't be sent. Check that it is stored as UTF-8`,
    );
  if (text.includes('\u{fffd}'))
    throw new SecretFailure('secret_invalid', `${variable}: the secret is no text in UTF-8`);
  return text;
}

async function readSecretFile(path: string, variable: string): Promise<Buffer> {
  const missing = (what: string) =>
    new SecretFailure('secret_missing', `the file that ${variable} names ${what}`);
  // Without O_NONBLOCK, opening a pipe would wait for its other end.
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK).catch((error: unknown) => {
    throw missing(whyUnreadable(error));
  });
  try {
    if (!(await file.stat()).isFile()) throw missing('is no regular file');
    const { buffer, bytesRead } = await file.read(
      Buffer.alloc(MAX_SECRET_BYTES + 1),
      0,
      MAX_SECRET_BYTES + 1,
      0,
    );
    if (bytesRead === 0) throw missing('is empty');
    if (bytesRead > MAX_SECRET_BYTES)
      throw new SecretFailure(
        'secret_invalid',
        `the file that ${variable} names has more than ${MAX_SECRET_BYTES} bytes`,
      );
    return buffer.subarray(0, bytesRead);
  } catch (error) {
    throw error instanceof SecretFailure ? error : missing(whyUnreadable(error));
  } finally {
    await file.close();
  }
}

function whyUnreadable(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
  if (code === 'ENOENT') return 'does not exist';
  if (code === 'EACCES' || code === 'EPERM') return "can't be read by the worker's user";
  return `can't be read (${code})`;
}
