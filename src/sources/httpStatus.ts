/** Statuses of success whose body is only a part: the range of a document, or its changes. */
const PARTIAL: ReadonlySet<number> = new Set([206, 226]);

/**
 * Return why an answer is rejected for its HTTP status, with a reason such as `http_500`; null when the body decides. A
 * body of success without content, such as 204, is rejected as `empty` when it is read.
 */
export function rejectStatus(status: number): { reason: string; message: string } | null {
  const reason = `http_${status}`;
  if (PARTIAL.has(status))
    return { reason, message: `the answer's HTTP status is ${status}: it is only a part of the data` };
  if (status >= 200 && status <= 299) return null;
  return { reason, message: `the answer's HTTP status is ${status}` };
}
