const SHOWN_AFTER_MS = 2_000;
const SHOWN_EVERY_MS = 1_000;
/** Interval of lines when standard error is not a terminal. It is long, because such lines are never overwritten. */
const WRITTEN_EVERY_MS = 30_000;
const CLEAR_LINE = '\r\u001b[K';

/**
 * Progress line on a terminal, shown once the work takes longer than two seconds.
 * When standard error is not a terminal, a line is written every 30 seconds.
 */
export class ProgressLine {
  private nextMs = performance.now() + (process.stderr.isTTY ? SHOWN_AFTER_MS : WRITTEN_EVERY_MS);
  private isShown = false;

  /** Show a line in place of the previous one, at most once per second. */
  show(line: () => string): void {
    if (performance.now() < this.nextMs) return;
    if (!process.stderr.isTTY) {
      this.nextMs = performance.now() + WRITTEN_EVERY_MS;
      process.stderr.write(`${line()}\n`);
      return;
    }
    this.nextMs = performance.now() + SHOWN_EVERY_MS;
    this.isShown = true;
    // A line wider than the terminal would wrap, and the wrapped rest would not be cleared.
    process.stderr.write(CLEAR_LINE + line().slice(0, process.stderr.columns - 1));
  }

  /** Write a line that is not overwritten. */
  print(line: string): void {
    this.clear();
    process.stderr.write(`${line}\n`);
  }

  /** Erase the progress line. */
  clear(): void {
    if (this.isShown) process.stderr.write(CLEAR_LINE);
    this.isShown = false;
  }
}
