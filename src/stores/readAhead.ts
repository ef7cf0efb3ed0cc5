/**
 * Read items in order, `ahead` of them at once while the caller processes earlier items. Hides the latency of a store,
 * and limits how many items are in memory. Reads start in order, as the caller asks for items.
 */
export async function* readAhead<T, R>(
  items: readonly T[],
  ahead: number,
  read: (item: T) => Promise<R>,
): AsyncGenerator<R> {
  const started: Promise<R>[] = [];
  let next = 0;
  for (;;) {
    for (const item of items.slice(next, next + ahead - started.length)) {
      const reading = read(item);
      // A caller that stops early never awaits this read; its failure must not be reported as unhandled.
      reading.catch(() => undefined);
      started.push(reading);
      next++;
    }
    const first = started.shift();
    if (!first) return;
    yield await first;
  }
}
