import { fstatSync, writeSync } from 'node:fs';
import { isatty } from 'node:tty';

/** Error code of a write when the reader of the pipe, such as `head`, has closed it. */
const ENOUGH = 'EPIPE';

let isResult = true;

/** Mark standard output as the console of a service. From then on, a failed write is not reported. */
export function outputIsConsole(): void {
  isResult = false;
}

/**
 * Keep this process alive when standard output or standard error fails, such as on a full disk or a closed pipe.
 * When a result can't be written, standard error says so. The exit status becomes 1, unless another failure has set it
 * already. A pipe that its reader closed is no failure. Call before the first output.
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
 * Make a file stream write every byte.
 * When a nearly full disk takes only the first bytes of a chunk, Node's own stream reports success.
 *
 * @param onFailure called at once with the error, because the process may end before the stream reports it
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

/** Whether a write to the descriptor is synchronous: it is a file, or a device other than a terminal. */
function isFile(fd: number): boolean {
  try {
    const stats = fstatSync(fd);
    return stats.isFile() || (stats.isCharacterDevice() && !isatty(fd));
  } catch {
    return false; // the descriptor is closed
  }
}
