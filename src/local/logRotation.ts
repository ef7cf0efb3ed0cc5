import { fstatSync, ftruncateSync, readSync, renameSync, writeSync } from 'node:fs';
import { type FileHandle, open, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { LOG_LIMIT_BYTES, logSize, makeRoomForOlder } from './logFile.js';

const LOOK_EVERY_MS = 1_000;
const CHUNK_BYTES = 1024 * 1024;
/** Bytes at the end of a log that remain when the log is cut because it could not be copied. */
const TAIL_BYTES = 1024 * 1024;

/**
 * Keep `logs/*.log` of a home small while processes write to them: rotate each log larger than {@link LOG_LIMIT_BYTES}.
 * Looks every second while this process runs, and does not keep the process alive.
 *
 * @param complain receives the error when a log can't be rotated, once for each reason
 */
export async function rotateLogs(home: string, complain: (error: unknown) => void): Promise<void> {
  const folder = join(home, 'logs');
  const told = new Map<string, string>();
  for (;;) {
    await sleep(LOOK_EVERY_MS, undefined, { ref: false });
    const names = await readdir(folder).catch(() => []); // the home may have been removed
    for (const name of names.filter((entry) => entry.endsWith('.log')))
      try {
        await rotateLog(join(folder, name));
        told.delete(name);
      } catch (error) {
        if (told.get(name) !== String(error)) complain(error);
        told.set(name, String(error));
      }
  }
}

/**
 * Copy a log that is larger than the limit to `<path>.1` and empty it. {@link makeRoomForOlder} renames older logs.
 * Writers keep their file descriptors, because nobody can replace the descriptors of another process. Writers append,
 * therefore their next line is at the new end.
 *
 * Lines are lost only in two cases: lines that are written in the microseconds between the last read and the emptying,
 * and lines beyond twice the limit in a log that grows faster than it can be copied. If a log can't be copied, such as
 * on a full disk, it stays as it is; beyond twice the limit only its end remains.
 *
 * @throws Error when the copy fails: the error of the file system
 */
export async function rotateLog(path: string, limitBytes = LOG_LIMIT_BYTES): Promise<void> {
  if (logSize(path) <= limitBytes) return;
  const log = await open(path, 'a+');
  const copyPath = `${path}.copy`;
  try {
    const copy = await open(copyPath, 'w', 0o600);
    try {
      const copied = await copyMost(log, copy, 2 * limitBytes);
      copied.rest();
      makeRoomForOlder(path);
      renameSync(copyPath, `${path}.1`);
      try {
        copied.rest();
      } finally {
        ftruncateSync(log.fd);
      }
    } finally {
      await copy.close();
    }
  } catch (error) {
    await rm(copyPath, { force: true }).catch(() => undefined);
    if (fstatSync(log.fd).size > 2 * limitBytes) cutToEnd(log.fd);
    throw error;
  } finally {
    await log.close();
  }
}

/**
 * Copy a log asynchronously until less than one chunk is left. Of a log with more than `mostBytes` bytes, the beginning
 * is left out.
 *
 * @returns `rest`, which copies the remaining bytes synchronously
 */
async function copyMost(log: FileHandle, copy: FileHandle, mostBytes: number): Promise<{ rest: () => void }> {
  const chunk = Buffer.alloc(CHUNK_BYTES);
  const { size } = await log.stat();
  let position = Math.max(0, size - mostBytes);
  const end = position + mostBytes;
  if (position > 0) await copy.write(leftOut(position));
  while (position < end && (await log.stat()).size - position > CHUNK_BYTES) {
    const { bytesRead } = await log.read(chunk, 0, Math.min(CHUNK_BYTES, end - position), position);
    if (bytesRead === 0) break;
    await copy.writeFile(chunk.subarray(0, bytesRead));
    position += bytesRead;
  }
  const rest = () => {
    while (position < end) {
      const bytesRead = readSync(log.fd, chunk, 0, Math.min(CHUNK_BYTES, end - position), position);
      if (bytesRead === 0) return;
      for (let written = 0; written < bytesRead;)
        written += writeSync(copy.fd, chunk, written, bytesRead - written);
      position += bytesRead;
    }
  };
  return { rest };
}

/** Cut a log to its last complete lines. Writers may append lines while this happens. */
function cutToEnd(log: number): void {
  const { size } = fstatSync(log);
  const end = Buffer.alloc(TAIL_BYTES);
  const length = readSync(log, end, 0, TAIL_BYTES, Math.max(0, size - TAIL_BYTES));
  const lines = end.subarray(end.indexOf('\n') + 1, length);
  ftruncateSync(log);
  writeSync(log, leftOut(size - lines.length));
  writeSync(log, lines);
}

function leftOut(bytes: number): string {
  return `${new Date().toISOString()} (${bytes} bytes before this are left out: they could not be set aside)\n`;
}
