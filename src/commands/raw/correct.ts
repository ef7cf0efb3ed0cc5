import { hostname, userInfo } from 'node:os';
import { type Day, dayOf } from '../../domain/day.js';
import { localTime } from '../../domain/localTime.js';
import type { SlotRange } from '../../domain/slot.js';
import { collectionAt } from '../../stores/collectionLog.js';
import { type Corrections, MAX_TEXT, putCorrection, readCorrections } from '../../stores/corrections.js';
import { openKnownRaw } from '../../stores/knownRaw.js';
import { listRawFeeds } from '../../stores/raw.js';
import { RAW_KINDS } from '../../stores/rawObject.js';
import type { Store } from '../../stores/store.js';
import { ProgressLine } from '../console/progressLine.js';
import { CommandFailed, type Context } from '../context/context.js';
import type { JsonOption } from '../declaration/jsonOption.js';
import { type Effect, effectOf, type Intended } from './effect.js';
import { type RangeOptions, readRange } from './range.js';
import { describeReloaded, LEFT_TO_SERVICE, type Reloaded, reloadCorrected } from './reload.js';

export interface IncludeOptions extends RangeOptions, JsonOption {
  feed: string;
  reason?: string;
  /** Whether to load the days again now. Default: yes. */
  load?: boolean;
}

export type ExcludeOptions = IncludeOptions & { reason: string };

/**
 * Exclude a feed's answers from cleaning (`ladepuls raw exclude`). Writes a correction to the raw store, unless the
 * whole range is excluded already for the same reason. Then loads the days again.
 *
 * @throws CommandFailed when an option is wrong, or a day was not loaded again; the correction holds in that case
 */
export async function exclude(context: Context, options: ExcludeOptions): Promise<void> {
  const isThere = (corrections: Corrections, { feed, from, to }: Intended, reason: string | null) => {
    let covered = from;
    for (const range of corrections.excludedOf(feed)) {
      if (range.from > covered || covered >= to) break;
      if (range.to > covered && range.correction.reason === reason) covered = range.to;
    }
    return covered >= to;
  };
  await correct(context, 'exclude', options, { isThere });
}

/**
 * Let excluded answers count again (`ladepuls raw include`). Writes a correction to the raw store, and loads the days
 * again.
 *
 * @throws CommandFailed when an option is wrong, nothing in the range is excluded, or a day was not loaded again
 */
export async function include(context: Context, options: IncludeOptions): Promise<void> {
  const refuse = (corrections: Corrections, { feed, from, to }: Intended) => {
    const isTouched = corrections.excludedOf(feed).some((range) => range.from < to && range.to > from);
    if (!isTouched)
      throw new CommandFailed(
        `No answers of ${feed} are excluded in this range. "ladepuls raw exclusions" shows what is excluded.`,
      );
  };
  await correct(context, 'include', options, { refuse });
}

interface Checks {
  isThere?: (corrections: Corrections, intended: Intended, reason: string | null) => boolean;
  refuse?: (corrections: Corrections, intended: Intended) => void;
}

async function correct(
  context: Context,
  kind: Intended['kind'],
  options: IncludeOptions,
  { isThere = () => false, refuse = () => undefined }: Checks,
): Promise<void> {
  const { config, env } = context;
  const { timeZone } = config.general;
  const nowMs = Date.now();
  const intended: Intended = { kind, feed: options.feed, ...readRange(options, timeZone, nowMs) };
  const reason = readReason(options.reason);
  const raw = openKnownRaw(config, { env });
  let effect: Effect;
  let isRecorded = false;
  try {
    const corrections = await readCorrections(raw);
    await requireKnown(raw, corrections, intended.feed, nowMs);
    refuse(corrections, intended);
    effect = await findEffect(raw, intended, corrections, timeZone);
    if (!isThere(corrections, intended, reason)) {
      const earlier = corrections.of(intended.feed);
      await putCorrection(raw, { ...intended, reason, by: describeUser() }, { earlier, nowMs });
      isRecorded = true;
    }
  } finally {
    await raw.close();
  }
  const told = { intended, effect, isRecorded, options, timeZone };
  if (!options.json) print(describe(told));
  const reloaded = await reload(context, effect.days, options, dayOf(nowMs, timeZone));
  if (options.json) print([asJson(told, reloaded)]);
  else print(describeReloaded(reloaded));
  failWhereNotLoaded(reloaded);
}

/**
 * Read the reason.
 *
 * @throws CommandFailed when the text is empty or too long, or has control characters
 */
function readReason(text: string | undefined): string | null {
  if (text === undefined) return null;
  const reason = text.trim().normalize('NFC');
  if (reason === '') throw new CommandFailed('--reason is empty: say in a few words why.');
  if (reason.length > MAX_TEXT)
    throw new CommandFailed(`--reason has ${reason.length} characters, but ${MAX_TEXT} at most are allowed.`);
  if (/\p{Cc}|\p{Cs}/u.test(reason))
    throw new CommandFailed('--reason has control characters, such as a line break: write it in one line.');
  return reason;
}

/**
 * Check that a feed is collected or has ever answered, because a mistyped name would exclude nothing.
 *
 * @throws CommandFailed when the feed is not known
 */
async function requireKnown(
  raw: Store,
  corrections: Corrections,
  feed: string,
  nowMs: number,
): Promise<void> {
  const collected = (await collectionAt(raw, nowMs))?.feeds.map(({ name }) => name) ?? [];
  const answered = await Promise.all(RAW_KINDS.map((kind) => listRawFeeds(raw, kind)));
  const known = new Set([...collected, ...answered.flat(), ...corrections.feeds]);
  if (known.has(feed)) return;
  const alike = [...known].find((name) => name.toLowerCase() === feed.toLowerCase());
  throw new CommandFailed(
    `There is no feed ${JSON.stringify(feed)}: it is not collected, and the raw store has no answers of it.` +
      (alike === undefined ? '' : ` Did you mean ${alike}?`),
  );
}

async function findEffect(
  raw: Store,
  intended: Intended,
  corrections: Corrections,
  timeZone: string,
): Promise<Effect> {
  const line = new ProgressLine();
  const onDay = (day: Day) => line.show(() => `Looking at the answers of ${intended.feed} on ${day}`);
  try {
    return await effectOf(raw, intended, { corrections, timeZone, onDay });
  } finally {
    line.clear();
  }
}

/** Return who makes the correction, as `user@host`. */
function describeUser(): string {
  let user = 'unknown';
  try {
    user = userInfo().username;
  } catch {
    // The user id has no name, as in some containers.
  }
  return `${user}@${hostname()}`.replaceAll(/\p{Cc}/gu, '?').slice(0, MAX_TEXT);
}

async function reload(
  context: Context,
  days: readonly Day[],
  { load = true }: IncludeOptions,
  today: Day,
): Promise<Reloaded> {
  const nothing = { days: [], notLoaded: {}, begun: [], left: null };
  if (days.every((day) => day >= today)) return nothing; // the current day is loaded by its own schedules
  if (!load) return { ...nothing, left: LEFT_TO_SERVICE };
  return reloadCorrected(context);
}

interface Told {
  intended: Intended;
  effect: Effect;
  isRecorded: boolean;
  options: IncludeOptions;
  timeZone: string;
}

function describe({ intended, effect, isRecorded, options, timeZone }: Told): string[] {
  const { kind, feed } = intended;
  const range = describeRange(intended, timeZone);
  const [days, answers] = [effect.days.length, effect.answers.toLocaleString('en')];
  const changed = `${answers} ${effect.answers === 1 ? 'answer' : 'answers'} of ${days} ${days === 1 ? 'day' : 'days'}`;
  if (!isRecorded) return [`${feed} is excluded ${range} already, for this reason: nothing is recorded.`];
  if (kind === 'include') return [`${feed} counts again ${range}: ${changed}.`];
  const back = `ladepuls raw include --feed ${feed} --from ${options.from}${options.to === undefined ? '' : ` --to ${options.to}`}`;
  return [
    `${feed} is excluded ${range}: ${changed}. The answers stay in the raw store.`,
    `This takes it back: ${back}`,
    ...describeDamage(effect),
  ];
}

function describeRange({ from, to }: SlotRange, timeZone: string): string {
  return `from ${localTime(from, timeZone)} to ${localTime(to, timeZone)}`;
}

function describeDamage({ damaged }: Effect): string[] {
  if (damaged.length === 0) return [];
  return [
    ...damaged,
    'Facts of such a day that are in the warehouse stay there. "ladepuls load" would load the day without them, and only ' +
      'an undamaged copy of the object could bring them back.',
  ];
}

function asJson({ intended, effect, isRecorded }: Told, reloaded: Reloaded): string {
  const { kind, feed, from, to } = intended;
  const range = { from: new Date(from).toISOString(), to: new Date(to).toISOString() };
  return JSON.stringify({ kind, feed, ...range, isRecorded, ...effect, reloaded });
}

function failWhereNotLoaded({ notLoaded }: Reloaded): void {
  const days = Object.keys(notLoaded).sort();
  const [first] = days;
  if (first === undefined) return;
  const lines = days.map((day) => `${day} was not loaded again: ${notLoaded[day] ?? ''}`);
  lines.push(`The correction is stored. To load a day again: ladepuls load --from ${first}`);
  throw new CommandFailed(lines.join('\n'));
}

function print(lines: readonly string[]): void {
  for (const line of lines) process.stdout.write(`${line}\n`);
}
