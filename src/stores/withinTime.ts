/** Something took longer than it may. It goes on by itself, and what comes of it is not looked at. */
class OutOfTime extends Error {
  override name = 'OutOfTime';
}

/**
 * Waits for `work`, at most so long. A promise can't be stopped: the work must be such that its end, whenever it comes, does
 * no harm.
 *
 * @param what stands in the error, such as `s3://bucket`
 * @throws OutOfTime after `limitMs`, and the signal's reason when it aborts before
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
