import { PollFailure, type PartialAnswer } from './pollFailure.js';

/** What ends a request before its time: a timeout, or somebody who calls it off. */
export interface RequestLimit {
  signal: AbortSignal;
  /**
   * The failure that the request was ended by, with what is known of its answer; null while it may go on.
   *
   * @param shown the feed's address as it may be shown
   */
  failure(shown: string, received?: PartialAnswer): PollFailure | null;
  /** To be called when the request is over. */
  release(): void;
}

/** One signal for a timeout and for all those who may call a request off. */
export function limitRequest(timeoutMs: number, enders: (AbortSignal | undefined)[]): RequestLimit {
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort('timeout'), timeoutMs);
  const callOff = () => controller.abort('aborted');
  for (const ender of enders) {
    if (ender?.aborted) callOff();
    ender?.addEventListener('abort', callOff);
  }
  return {
    signal: controller.signal,
    failure(shown, received) {
      if (!controller.signal.aborted) return null;
      if (controller.signal.reason === 'aborted') {
        return new PollFailure('aborted', `${shown}: the request was called off`, received);
      }
      return new PollFailure('timeout', `${shown}: no whole answer within ${timeoutMs} ms`, received);
    },
    release() {
      clearTimeout(timer);
      for (const ender of enders) ender?.removeEventListener('abort', callOff);
    },
  };
}
