import { withShownUrls } from '../domain/shownUrl.js';
import type { Hiding } from './auth/hiding.js';
import type { SecretFailureReason } from './auth/secret.js';

/**
 * Why no complete response arrived. These words are stored in the raw store's outcomes and shown by `ladepuls
 * coverage`.
 */
export type PollFailureReason =
  | SecretFailureReason
  | 'aborted'
  | 'bad_encoding'
  | 'certificate_refused'
  | 'connect_timeout'
  | 'cut_short'
  | 'dns'
  | 'not_http'
  | 'redirect_refused'
  | 'redirects'
  | 'refused'
  | 'reset'
  | 'timeout'
  | 'tls'
  | 'too_large'
  | 'unreachable';

/** The data that arrived before a request failed. */
export interface PartialAnswer {
  /** Absent when the request failed before a status line arrived. */
  status?: number;
  /** The first bytes of the body, decoded as far as possible; at most {@link MAX_PARTIAL_BYTES}. */
  partial?: Buffer;
}

/** Bytes of a failed response that are stored: enough to see what the server sent. */
export const MAX_PARTIAL_BYTES = 1_000_000;

/**
 * A request that ended without a complete response. A response with an error status is complete and no failure. The
 * message is written to logs and to Temporal; therefore the code that throws it must write addresses with `shownUrl`.
 * Addresses in foreign texts, such as a library's error, are found and shown without secrets.
 */
export class PollFailure extends Error {
  override name = 'PollFailure';
  readonly status: number | undefined;
  readonly partial: Buffer | undefined;

  constructor(
    readonly reason: PollFailureReason,
    message: string,
    received: PartialAnswer = {},
    cause?: unknown,
  ) {
    super(withShownUrls(message), { cause: shownCause(cause) });
    this.status = received.status;
    this.partial = received.partial;
  }

  /** Return a copy in which neither message, cause nor partial response contains a secret of the request. */
  hiding(secrets: Hiding): PollFailure {
    const partial = this.partial && secrets.answer(this.partial);
    const received = {
      ...(this.status !== undefined && { status: this.status }),
      ...(partial && { partial }),
    };
    const cause = copyError(this.cause, (text) => secrets.message(text));
    return new PollFailure(this.reason, secrets.message(this.message), received, cause);
  }
}

/**
 * Copy an error's name, message, stack and code, without the request that an HTTP client attaches to it. That request
 * contains the address, and the password as a header.
 */
function shownCause(cause: unknown): Error | undefined {
  return copyError(cause, withShownUrls);
}

function copyError(error: unknown, show: (text: string) => string): Error | undefined {
  if (!(error instanceof Error)) return undefined;
  const shown = new Error(show(error.message), { cause: copyError(error.cause, show) });
  shown.name = error.name;
  if (error.stack !== undefined) shown.stack = show(error.stack);
  return 'code' in error ? Object.assign(shown, { code: error.code }) : shown;
}

const REASON_OF_CODE: Record<string, PollFailureReason> = {
  ECONNREFUSED: 'refused',
  ECONNRESET: 'reset',
  EPIPE: 'reset',
  ENOTFOUND: 'dns',
  EAI_AGAIN: 'dns',
  EAI_FAIL: 'dns',
  EAI_NODATA: 'dns',
  EAI_NONAME: 'dns',
  ETIMEDOUT: 'connect_timeout',
  CONNECT_TIMEOUT: 'connect_timeout',
  INTERNAL_ADDRESS: 'redirect_refused',
  EPROTO: 'tls',
};

/** Error codes of OpenSSL and Node for certificates that can't be trusted. */
const TLS_CODE = /^ERR_(TLS|SSL|OSSL)_|CERT|SELF_SIGNED|UNABLE_TO_VERIFY|HOSTNAME_MISMATCH|INVALID_CA|CRL_/;

/**
 * An alert by which a server refuses the client certificate, or asks for one, in OpenSSL's words. Names of codes have
 * `_` for blanks.
 */
const CERTIFICATE_ALERT =
  /alert[ _](bad[ _]certificate|unsupported[ _]certificate|certificate[ _](revoked|expired|unknown|required)|unknown[ _]ca|access[ _]denied)/i;

/**
 * Return the reason of an error that ended a request before the body of its response. The first known code decides,
 * from the error through its causes. An unknown error counts as `unreachable`.
 */
export function reasonOfRequestError(error: unknown): PollFailureReason {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    const code = 'code' in cause && typeof cause.code === 'string' ? cause.code : '';
    if (CERTIFICATE_ALERT.test(`${code} ${cause.message}`)) return 'certificate_refused';
    const reason = REASON_OF_CODE[code];
    if (reason !== undefined) return reason;
    if (code.startsWith('HPE_')) return 'not_http';
    if (TLS_CODE.test(code)) return 'tls';
  }
  return 'unreachable';
}
