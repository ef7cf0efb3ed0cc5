import { readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import type { FeedContent } from './content.js';
import { jsonMembers } from './jsonMembers.js';
import { formatTimestamp } from './localTime.js';

const POLL_FILE = /^\d{8}_\d{6}([+-]\d{4})?_cp_data_cities\.json(\.gz)?$/;

/**
 * Files in memory. A poll of all feeds has two megabytes, therefore only the recent files of a year's folder are
 * cached.
 */
const HELD_FILES = 3;

export interface RecordedPollsOptions {
  /** Poll files `YYYYmmdd_HHMMSS_cp_data_cities.json[.gz]`, or folders that contain such files. */
  paths: readonly string[];
  /** What follows the last poll: `stay` repeats the last poll, `loop` begins with the first one again. */
  afterLast: 'stay' | 'loop';
  /** Time zone of the timestamps, an IANA name. Default: Europe/Berlin. */
  timeZone?: string | undefined;
}

/**
 * Replay recorded polls. A feed's n-th good answer is its envelope in the n-th poll file by name, byte for byte except
 * for the timestamp. If the file lacks the feed, there is no answer.
 * @throws RangeError when there is no poll file, or a file can't be read as a poll file
 */
export async function replayPolls(options: RecordedPollsOptions): Promise<FeedContent> {
  const timeZone = options.timeZone ?? 'Europe/Berlin';
  const files = await findPollFiles(options.paths);
  const first = files[0];
  if (first === undefined) {
    throw new RangeError(
      `no file named like 20220111_215824_cp_data_cities.json.gz in ${options.paths.join(', ')}`,
    );
  }
  const held = new Map<string, Promise<Map<string, string>>>();
  const read = (file: string): Promise<Map<string, string>> => {
    const poll = held.get(file) ?? readPoll(file);
    held.delete(file);
    held.set(file, poll);
    for (const oldest of held.keys()) {
      if (held.size <= HELD_FILES) break;
      held.delete(oldest);
    }
    return poll;
  };
  return {
    feeds: [...(await read(first)).keys()],
    async answer({ feed, count, answeredMs }) {
      const index = options.afterLast === 'loop' ? count % files.length : Math.min(count, files.length - 1);
      const envelope = (await read(files[index] ?? first)).get(feed);
      return envelope === undefined ? null : withTimestamp(envelope, answeredMs, timeZone);
    },
  };
}

/**
 * Replay one recorded document, of any source, as the answer of one feed. The answer is always the same, except for the
 * timestamp at the top of the document, if it has one.
 */
export async function replayDocument(
  feed: string,
  file: string,
  timeZone = 'Europe/Berlin',
): Promise<FeedContent> {
  const text = await readText(file);
  return {
    feeds: [feed],
    answer: ({ answeredMs }) => Promise.resolve(withTimestamp(text, answeredMs, timeZone)),
  };
}

async function findPollFiles(paths: readonly string[]): Promise<string[]> {
  const files: string[] = [];
  for (const given of paths) {
    if (!(await stat(given)).isDirectory()) files.push(given);
    else
      for (const name of await readdir(given)) if (POLL_FILE.test(name)) files.push(path.join(given, name));
  }
  const misnamed = files.find((file) => !POLL_FILE.test(path.basename(file)));
  if (misnamed !== undefined) {
    throw new RangeError(`${misnamed} is not named like a poll file: 20220111_215824_cp_data_cities.json.gz`);
  }
  return files.sort((a, b) => (path.basename(a) < path.basename(b) ? -1 : 1));
}

async function readPoll(file: string): Promise<Map<string, string>> {
  const text = await readText(file);
  try {
    return new Map([...jsonMembers(text)].map(([feed, { start, end }]) => [feed, text.slice(start, end)]));
  } catch (error) {
    throw new RangeError(`${file} is not a poll file: ${String(error)}`, { cause: error });
  }
}

async function readText(file: string): Promise<string> {
  const bytes = await readFile(file);
  return (file.endsWith('.gz') ? await promisify(gunzip)(bytes) : bytes).toString('utf8');
}

function withTimestamp(text: string, answeredMs: number, timeZone: string): string {
  const range = jsonMembers(text).get('timestamp');
  if (!range) return text;
  return `${text.slice(0, range.start)}"${formatTimestamp(answeredMs, timeZone)}"${text.slice(range.end)}`;
}
