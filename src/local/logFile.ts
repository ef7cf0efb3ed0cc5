import { closeSync, existsSync, openSync, readSync, renameSync, statSync } from 'node:fs';

/** A log that is larger is set aside, also while it is written to (logRotation.ts). */
export const LOG_LIMIT_BYTES = 10 * 1024 * 1024;
/** A log that a process is started with is set aside sooner, so that it is not emptied while the start is looked at. */
const START_LIMIT_BYTES = LOG_LIMIT_BYTES / 2;
/** Logs that were set aside and stay, as `<path>.1` to `<path>.4`. */
const OLDER_LOGS = 4;

/** Opens a log for appending and returns its file descriptor. One that is large already is set aside first, as `<path>.1`. */
export function openLog(path: string): number {
  if (logSize(path) > START_LIMIT_BYTES) {
    makeRoomForOlder(path);
    renameSync(path, `${path}.1`);
  }
  return openSync(path, 'a', 0o600);
}

/** Moves each log that was set aside on by one, so that there is no `<path>.1`; the oldest goes. */
export function makeRoomForOlder(path: string): void {
  for (let age = OLDER_LOGS - 1; age > 0; age--) {
    const older = `${path}.${age}`;
    if (existsSync(older)) renameSync(older, `${path}.${age + 1}`);
  }
}

/** Bytes in the log so far; 0 where there is none. */
export function logSize(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}

/** What was logged from that byte on; all of it where the log was set aside since. */
export function readLogFrom(path: string, offset: number): string {
  const size = logSize(path);
  if (size === 0) return '';
  const from = offset <= size ? offset : 0;
  const bytes = Buffer.alloc(size - from);
  const file = openSync(path, 'r');
  try {
    return bytes.subarray(0, readSync(file, bytes, 0, bytes.length, from)).toString('utf8');
  } finally {
    closeSync(file);
  }
}

/** The last lines logged from that byte on, for an error message. */
export function lastLines(path: string, offset: number, count = 10): string {
  return readLogFrom(path, offset).trim().split('\n').slice(-count).join('\n');
}
