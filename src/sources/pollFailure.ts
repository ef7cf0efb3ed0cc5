import { withShownUrls } from '../domain/shownUrl.js';

/** Why no whole answer was had. The words stand in the raw store's outcomes and in `ladepuls coverage`. */
export type PollFailureReason =
  | 'aborted'
  | 'bad_encoding'
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

/** What did arrive before a request failed. */
export interface PartialAnswer {
  /** Absent: it failed before a status line came. */
  status?: number;
  /** The beginning of what was received, decoded as far as it can be; at most {@link MAX_PARTIAL_BYTES}. */
  partial?: Buffer;
}

/** How much of a failed answer is kept: enough to see what the server meant. */
export const MAX_PARTIAL_BYTES = 1_000_000;

/**
 * A request that did not end in a whole answer. A server's error status is no failure but an answer. Its message goes to
 * logs and to Temporal: whoever makes it writes addresses as `shownUrl` shows them. What came from elsewhere, such as a
 * library's error, is searched for addresses.
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
}

/** What an error says, without what a client keeps with it: that has the address, and the password as a header. */
function shownCause(cause: unknown): Error | undefined {
  if (!(cause instanceof Error)) return undefined;
  const shown = new Error(withShownUrls(cause.message), { cause: shownCause(cause.cause) });
  shown.name = cause.name;
  if (cause.stack !== undefined) shown.stack = withShownUrls(cause.stack);
  return 'code' in cause ? Object.assign(shown, { code: cause.code }) : shown;
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

/** What OpenSSL and Node call certificates that can't be trusted. */
const TLS_CODE = /^ERR_(TLS|SSL|OSSL)_|CERT|SELF_SIGNED|UNABLE_TO_VERIFY|HOSTNAME_MISMATCH|INVALID_CA|CRL_/;

/**
 * The reason of an error that a request ended in before its answer's body: the first code that says one,
 * from the error inwards through its causes. An error that nothing is known of counts as `unreachable`.
 */
export function reasonOfRequestError(error: unknown): PollFailureReason {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    const code = 'code' in cause && typeof cause.code === 'string' ? cause.code : '';
    const reason = REASON_OF_CODE[code];
    if (reason !== undefined) return reason;
    if (code.startsWith('HPE_')) return 'not_http';
    if (TLS_CODE.test(code)) return 'tls';
  }
  return 'unreachable';
}
