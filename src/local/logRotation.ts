import { fstatSync, ftruncateSync, readSync, renameSync, writeSync } from 'node:fs';
import { type FileHandle, open, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { LOG_LIMIT_BYTES, logSize, makeRoomForOlder } from './logFile.js';

const LOOK_EVERY_MS = 1_000;
const CHUNK_BYTES = 1024 * 1024;
/** Of a log that could not be copied, so much of its end stays when it must be cut. */
const TAIL_BYTES = 1024 * 1024;

/**
 * Keeps `logs/*.log` of a home small while processes write to them: rotates each that has outgrown {@link LOG_LIMIT_BYTES}.
 * Looks every second, as long as this process lives; keeps no process alive by itself.
 *
 * @param complain is told of a log that can't be rotated, once for each reason
 */
export async function rotateLogs(home: string, complain: (error: unknown) => void): Promise<void> {
  const folder = join(home, 'logs');
  const told = new Map<string, string>();
  for (;;) {
    await sleep(LOOK_EVERY_MS, undefined, { ref: false });
    const names = await readdir(folder).catch(() => []); // a home that was removed meanwhile
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
 * Copies a log that has outgrown the limit to `<path>.1` and empties it; older ones move on, as {@link makeRoomForOlder} says.
 * Its writers keep their descriptors, which nobody can exchange; opened for appending, they go on at the new end.
 *
 * Lost is only what is written between the last look at the log and its emptying, some microseconds; and of a log that grows
 * faster than it can be copied, what is beyond twice the limit. Where a log can't be copied, such as on a full disk, it stays
 * as it is; beyond twice the limit only its end stays.
 *
 * @throws what went wrong with the copy
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
 * Copies a log without keeping this process from anything else, until little is left, and returns what copies the rest at once.
 * Of more than `mostBytes` the beginning is left out.
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

/** Leaves the last whole lines of a log alone. Its writers may get a word in between. */
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
