import { DateTime } from 'luxon';
import { dayBounds, dayOf, parseDay } from '../../domain/day.js';
import type { SlotRange } from '../../domain/slot.js';
import { CommandFailed } from '../context/context.js';

/** The options that name a range of time. */
export interface RangeOptions {
  from: string;
  to?: string;
}

const DAY = /^\d{4}-\d\d-\d\d$/;
const TIME = /^(\d{4}-\d\d-\d\d)[T ]((?:[01]\d|2[0-3]):[0-5]\d)(Z|[+-][01]\d:[0-5]\d)?$/;
const EXPECTED = 'it must be a day such as 2022-01-11, or a time such as 2022-01-11T14:30';

/**
 * Read `--from` and `--to`. A day stands for the whole local day, a time for its instant: the range begins with the
 * instant of `--from` and ends before the instant of `--to`.
 *
 * @param timeZone time zone of days, and of times without an offset
 * @param nowMs milliseconds since the epoch
 * @throws CommandFailed when an option has another form, or the range is empty or in the future
 */
export function readRange({ from, to }: RangeOptions, timeZone: string, nowMs: number): SlotRange {
  if (to === undefined && !DAY.test(from))
    throw new CommandFailed('--from names a time, so --to must name the time at which the range ends.');
  const range = {
    from: readBound('--from', from, timeZone).start,
    to: readBound('--to', to ?? from, timeZone).end,
  };
  if (range.from >= range.to)
    throw new CommandFailed(`--from ${from} is not before --to ${to}: no slot lies between.`);
  if (range.from > nowMs)
    throw new CommandFailed(
      `--from ${from} is in the future. "ladepuls feeds pause" stops a feed from being polled.`,
    );
  const today = dayOf(nowMs, timeZone);
  if (range.to > dayBounds(today, timeZone).end)
    throw new CommandFailed(
      `--to ${to} is after today, ${today}: the range may end with today at the latest.`,
    );
  return range;
}

function readBound(option: string, text: string, timeZone: string): { start: number; end: number } {
  if (DAY.test(text)) {
    try {
      return dayBounds(parseDay(text), timeZone);
    } catch {
      throw new CommandFailed(`${option} is "${text}", but there is no such day.`);
    }
  }
  const ms = readTime(option, text, timeZone);
  return { start: ms, end: ms };
}

function readTime(option: string, text: string, timeZone: string): number {
  const [, day = '', time = '', offset] = TIME.exec(text) ?? [];
  if (time === '') throw new CommandFailed(`${option} is "${text}", but ${EXPECTED}.`);
  const local = `${day}T${time}`;
  const read = DateTime.fromISO(`${local}${offset ?? ''}`, { zone: timeZone });
  if (!read.isValid) throw new CommandFailed(`${option} is "${text}", but there is no such time.`);
  if (offset !== undefined) return read.toMillis();
  if (read.toFormat("yyyy-MM-dd'T'HH:mm") !== local)
    throw new CommandFailed(
      `${option} is "${text}", but the clocks of ${timeZone} skip this time. Add an offset, such as +01:00.`,
    );
  if (read.getPossibleOffsets().length > 1)
    throw new CommandFailed(
      `${option} is "${text}", but the clocks of ${timeZone} show this time twice. Add an offset, such as +01:00.`,
    );
  return read.toMillis();
}
