/**
 * Reads items in their order, some ahead of the one that is being worked on: hides the store's latency, and bounds what is
 * held at once. Reads are begun in order, as items are asked for.
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
      // Whoever stops early never awaits it; a failure then concerns nobody.
      reading.catch(() => undefined);
      started.push(reading);
      next++;
    }
    const first = started.shift();
    if (!first) return;
    yield await first;
  }
}
