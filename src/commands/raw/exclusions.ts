import type { Correction, ExcludedRange } from '../../domain/corrections.js';
import { localTime } from '../../domain/localTime.js';
import { type Corrections, readCorrections, UnreadableCorrection } from '../../stores/corrections.js';
import { openKnownRaw } from '../../stores/knownRaw.js';
import { formatTable } from '../console/table.js';
import { wrapped } from '../console/wrapped.js';
import { CommandFailed, type Context } from '../context/context.js';
import type { JsonOption } from '../declaration/jsonOption.js';

const REASON_WIDTH = 50;

/**
 * Print which answers are excluded, why and by whom (`ladepuls raw exclusions`). JSON also has all corrections that led
 * to it.
 *
 * @throws CommandFailed when corrections can't be read; the others are printed before
 */
export async function listExclusions(
  { config, env }: Context,
  options: JsonOption & { feed?: string },
): Promise<void> {
  const raw = openKnownRaw(config, { env });
  let corrections: Corrections;
  try {
    corrections = await readCorrections(raw);
  } finally {
    await raw.close();
  }
  const feeds = corrections.feeds.filter((feed) => options.feed === undefined || feed === options.feed);
  const unreadable: string[] = [];
  const readable = feeds.filter((feed) => {
    try {
      corrections.of(feed);
      return true;
    } catch (error) {
      if (!(error instanceof UnreadableCorrection)) throw error;
      unreadable.push(error.message);
      return false;
    }
  });
  const ranges = readable.flatMap((feed) => corrections.excludedOf(feed));
  process.stdout.write(
    options.json
      ? `${JSON.stringify({ exclusions: ranges.map(shownRange), corrections: readable.flatMap((feed) => corrections.of(feed).map(shown)) })}\n`
      : asText(ranges, config.general.timeZone),
  );
  if (unreadable.length > 0) throw new CommandFailed(unreadable.join('\n'));
}

function asText(ranges: readonly ExcludedRange[], timeZone: string): string {
  if (ranges.length === 0) return 'No answers are excluded.\n';
  const rows = ranges.map(({ from, to, correction: { feed, reason, by, atMs } }) => [
    feed,
    localTime(from, timeZone),
    localTime(to, timeZone),
    wrapped(reason ?? '', REASON_WIDTH).join('\n'),
    by,
    localTime(atMs, timeZone),
  ]);
  return `${formatTable(['feed', 'from', 'to', 'reason', 'by', 'at'], rows)}\n`;
}

function shownRange({ from, to, correction }: ExcludedRange) {
  const { id, feed, reason, by, at } = shown(correction);
  return { feed, ...instants({ from, to }), reason, by, at, correction: id };
}

function shown({ id, kind, feed, from, to, reason, by, atMs }: Correction) {
  return { id, kind, feed, ...instants({ from, to }), reason, by, at: new Date(atMs).toISOString() };
}

function instants({ from, to }: { from: number; to: number }) {
  return { from: new Date(from).toISOString(), to: new Date(to).toISOString() };
}
