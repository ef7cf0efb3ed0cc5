const SHOWN_AFTER_MS = 2_000;
const SHOWN_EVERY_MS = 1_000;
/** Where no terminal is, every line stays: few, then. */
const WRITTEN_EVERY_MS = 30_000;
const CLEAR_LINE = '\r\u001b[K';

/**
 * One line on a terminal that tells how far something is, once it takes longer than two seconds. Where standard error
 * is no terminal, a line every half a minute.
 */
export class ProgressLine {
  private nextMs = performance.now() + (process.stderr.isTTY ? SHOWN_AFTER_MS : WRITTEN_EVERY_MS);
  private isShown = false;

  /** Shows a line in the place of the last one, at most every second. */
  show(line: () => string): void {
    if (performance.now() < this.nextMs) return;
    if (!process.stderr.isTTY) {
      this.nextMs = performance.now() + WRITTEN_EVERY_MS;
      process.stderr.write(`${line()}\n`);
      return;
    }
    this.nextMs = performance.now() + SHOWN_EVERY_MS;
    this.isShown = true;
    // What is longer than the terminal is wide would go on below, and stay.
    process.stderr.write(CLEAR_LINE + line().slice(0, process.stderr.columns - 1));
  }

  /** Writes a line that stays. */
  tell(line: string): void {
    this.clear();
    process.stderr.write(`${line}\n`);
  }

  /** Takes the line away. */
  clear(): void {
    if (this.isShown) process.stderr.write(CLEAR_LINE);
    this.isShown = false;
  }
}
