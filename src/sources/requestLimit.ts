import { PollFailure, type PartialAnswer } from './pollFailure.js';

/** Ends a request early: after a timeout, or when a signal aborts it. */
export interface RequestLimit {
  signal: AbortSignal;
  /**
   * Return the failure that ended the request, with the partial response; null while the request may continue.
   *
   * @param shown the feed's address without secrets
   */
  failure(shown: string, received?: PartialAnswer): PollFailure | null;
  /** Release timer and listeners. Must be called when the request is over. */
  release(): void;
}

/** Combine a timeout and several abort signals into one signal. */
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
        return new PollFailure('aborted', `${shown}: the request was aborted`, received);
      }
      return new PollFailure(
        'timeout',
        `${shown}: the answer was not complete within ${timeoutMs} ms`,
        received,
      );
    },
    release() {
      clearTimeout(timer);
      for (const ender of enders) ender?.removeEventListener('abort', callOff);
    },
  };
}
