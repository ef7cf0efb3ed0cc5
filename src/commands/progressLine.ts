const SHOWN_AFTER_MS = 2_000;
const SHOWN_EVERY_MS = 1_000;
const CLEAR_LINE = '\r\u001b[K';

/**
 * One line on a terminal that tells how far something is, once it takes longer than two seconds. Nothing
 * is shown where standard error is no terminal.
 */
export class ProgressLine {
  private nextMs = performance.now() + SHOWN_AFTER_MS;
  private isShown = false;

  /** Shows a line in the place of the last one, at most every second. */
  show(line: () => string): void {
    if (!process.stderr.isTTY || performance.now() < this.nextMs) return;
    this.nextMs = performance.now() + SHOWN_EVERY_MS;
    this.isShown = true;
    process.stderr.write(CLEAR_LINE + line());
  }

  /** Takes the line away. */
  clear(): void {
    if (this.isShown) process.stderr.write(CLEAR_LINE);
    this.isShown = false;
  }
}
