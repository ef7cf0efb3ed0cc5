import { fstatSync, writeSync } from 'node:fs';
import { isatty } from 'node:tty';

/** Whoever reads it, such as head, has seen enough. */
const ENOUGH = 'EPIPE';

let isResult = true;

/** Takes standard output for a service's console from now on: what can't be written there is no failure. */
export function outputIsConsole(): void {
  isResult = false;
}

/**
 * Keeps a full disk or a closed pipe behind standard output or error from ending this process. Where a result can't be
 * written, standard error says so, and the exit status is 1 unless it is another failure's already. A reader that closed
 * the pipe has seen enough: that is no failure. Call it before anything is written.
 */
export function surviveOutputFailures(): void {
  let failed = false;
  const onFailure = (error: NodeJS.ErrnoException) => {
    if (!isResult || failed || error.code === ENOUGH) return;
    failed = true;
    process.stderr.write(`ladepuls: The output could not be written: ${error.message}\n`);
  };
  process.stderr.on('error', () => undefined);
  process.stdout.on('error', onFailure);
  if (isFile(process.stdout.fd)) writeWhole(process.stdout, onFailure);
  process.on('exit', () => {
    if (failed && isResult && !Number(process.exitCode)) process.exitCode = 1;
  });
}

/**
 * Has a file get every byte. Of what a nearly full disk takes only the beginning of, Node's own stream reports success.
 *
 * @param onFailure told at once, since the process may end before the stream tells
 */
function writeWhole(
  stream: NodeJS.WriteStream & { fd: number },
  onFailure: (error: NodeJS.ErrnoException) => void,
): void {
  stream._write = (chunk: Buffer, _encoding, done) => {
    try {
      for (let at = 0; at < chunk.length;) at += writeSync(stream.fd, chunk, at);
    } catch (error) {
      onFailure(error as NodeJS.ErrnoException);
      done(error as Error);
      return;
    }
    done();
  };
}

/** Whether writing waits until all is written: to a file, or a device that is no terminal. */
function isFile(fd: number): boolean {
  try {
    const stats = fstatSync(fd);
    return stats.isFile() || (stats.isCharacterDevice() && !isatty(fd));
  } catch {
    return false; // it is closed
  }
}
