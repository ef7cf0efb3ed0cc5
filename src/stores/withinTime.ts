/** An operation exceeded its time limit. The operation continues in the background; its result is ignored. */
class OutOfTime extends Error {
  override name = 'OutOfTime';
}

/**
 * Wait for `work`, at most `limitMs`. A promise can't be cancelled; therefore `work` must be harmless whenever it ends.
 *
 * @param what names the operation in the error, such as `s3://bucket`
 * @throws OutOfTime after `limitMs`
 * @throws the signal's reason when the signal aborts first
 */
export async function withinTime<T>(
  limitMs: number,
  what: string,
  work: () => Promise<T>,
  signal?: AbortSignal,
): Promise<T> {
  signal?.throwIfAborted();
  let timer: NodeJS.Timeout | undefined;
  let onAbort: (() => void) | undefined;
  const ended = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new OutOfTime(`${what} took more than ${limitMs / 1000} s`)), limitMs);
    onAbort = () => reject(signal?.reason as Error);
    signal?.addEventListener('abort', onAbort, { once: true });
  });
  try {
    return await Promise.race([work(), ended]);
  } finally {
    clearTimeout(timer);
    if (onAbort) signal?.removeEventListener('abort', onAbort);
  }
}
