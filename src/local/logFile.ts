import { closeSync, existsSync, openSync, readSync, renameSync, statSync } from 'node:fs';

/** A larger log is rotated, also while processes write to it (logRotation.ts). */
export const LOG_LIMIT_BYTES = 10 * 1024 * 1024;
/**
 * A log larger than this is rotated before a process starts, so that it is not emptied while a readiness probe reads
 * it.
 */
const START_LIMIT_BYTES = LOG_LIMIT_BYTES / 2;
/** Number of older logs that are kept, as `<path>.1` to `<path>.4`. */
const OLDER_LOGS = 4;

/**
 * Open a log for appending and return its file descriptor. A log that is already large is renamed to `<path>.1` first.
 */
export function openLog(path: string): number {
  if (logSize(path) > START_LIMIT_BYTES) {
    makeRoomForOlder(path);
    renameSync(path, `${path}.1`);
  }
  return openSync(path, 'a', 0o600);
}

/** Rename each older log to the next number, so that `<path>.1` is free. The oldest log is overwritten. */
export function makeRoomForOlder(path: string): void {
  for (let age = OLDER_LOGS - 1; age > 0; age--) {
    const older = `${path}.${age}`;
    if (existsSync(older)) renameSync(older, `${path}.${age + 1}`);
  }
}

/** The size of a log in bytes; 0 if absent. */
export function logSize(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}

/** The text of a log from byte `offset` on. If the log is shorter, it was rotated, and the whole text is returned. */
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

/** The last lines of a log after byte `offset`, for an error message. */
export function lastLines(path: string, offset: number, count = 10): string {
  return readLogFrom(path, offset).trim().split('\n').slice(-count).join('\n');
}
