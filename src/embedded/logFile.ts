import { closeSync, openSync, readSync, renameSync, statSync } from 'node:fs';

const LOG_LIMIT_BYTES = 20 * 1024 * 1024;

/**
 * Opens a log for appending and returns its file descriptor. One that has outgrown 20 MB is set aside first
 * as `<path>.1`, replacing the one set aside before.
 */
export function openLog(path: string): number {
  if (logSize(path) > LOG_LIMIT_BYTES) renameSync(path, `${path}.1`);
  return openSync(path, 'a', 0o600);
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
