import type { LoadDayResult } from '../../workflows/loadOnce.js';
import { describeDays } from '../context/days.js';
import { formatTable } from '../console/table.js';

type Counts = Omit<LoadDayResult, 'day' | 'revision' | 'isArchived' | 'leftOut' | 'lost'>;

/** Number of days above which the report is by month. */
const MOST_DAYS_LISTED = 31;
const MOST_OUTSTANDING_LISTED = 20;
/** A day is listed as unusual when it has fewer polls than this share of the median day's. */
const FEW_POLLS = 0.9;
/** A day is also listed when it has more rejected records and answers than this multiple of the median day's. */
const MANY_REJECTED = 2;

const COUNT_COLUMNS = [
  'feeds',
  'polls',
  'charging point facts',
  'connector facts',
  'quarantined',
  'unreadable',
];
const DAY_COLUMNS = ['day', 'revision', ...COUNT_COLUMNS];

/** Format the results of loads for people: by day for up to a month; else by month, with a list of unusual days. */
export function describeLoads(results: LoadDayResult[]): string {
  const isLong = results.length > MOST_DAYS_LISTED;
  const lines = isLong ? describeMonths(results) : [formatTable(DAY_COLUMNS, results.map(dayRow))];
  const archived = results.filter(({ isArchived }) => isArchived).map(({ day }) => day);
  if (archived.length > 0)
    lines.push(
      `The facts of ${describeDays(archived)} are in the archive. "ladepuls load --restore" loads them into the warehouse again, permanently.`,
    );
  for (const { day, leftOut } of results)
    if (leftOut)
      lines.push(
        `${day} was loaded without ${leftOut.join(', ')}, which can't be cleaned. The worker's log has the reason. The answers stay in the raw store; "ladepuls load --from ${day}" tries again.`,
      );
  const empty = results.filter(({ feeds, isArchived }) => feeds === 0 && !isArchived).map(({ day }) => day);
  if (empty.length > 0)
    lines.push(
      `The raw store has no answers of ${describeDays(empty)}. Import answers with "ladepuls import", then load again.`,
    );
  return lines.join('\n');
}

function describeMonths(results: LoadDayResult[]): string[] {
  const months = new Map<string, LoadDayResult[]>();
  for (const result of results) {
    const month = result.day.slice(0, 7);
    months.set(month, [...(months.get(month) ?? []), result]);
  }
  const rows = [...months, ['total', results] as const].map(([name, days]) => [
    name,
    days.length,
    ...counts(sumOf(days)),
  ]);
  const table = formatTable(['month', 'days', ...COUNT_COLUMNS], rows);
  const outstanding = results.filter(standsOut(results));
  if (outstanding.length === 0) return [table];
  const listed = outstanding.slice(0, MOST_OUTSTANDING_LISTED);
  const rest = outstanding.length - listed.length;
  return [
    table,
    'Days with fewer polls, or more quarantined records or unreadable answers, than the other days:',
    formatTable(DAY_COLUMNS, listed.map(dayRow)),
    ...(rest > 0 ? [`and ${rest} more (--json has all)`] : []),
  ];
}

/**
 * Return a function that tells whether a day is unusual. Days without answers are not: the report lists them
 * separately.
 */
function standsOut(results: LoadDayResult[]): (result: LoadDayResult) => boolean {
  const filled = results.filter(({ feeds }) => feeds > 0);
  const fewPolls = median(filled.map(({ polls }) => polls)) * FEW_POLLS;
  const manyRejected = median(filled.map(rejected)) * MANY_REJECTED;
  return (result) => result.feeds > 0 && (result.polls < fewPolls || rejected(result) > manyRejected);
}

function rejected({ quarantined, unreadable }: Counts): number {
  return quarantined + unreadable;
}

function median(numbers: number[]): number {
  return numbers.sort((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? 0;
}

/** Sum up the counts of days. The number of feeds is the largest of all days, not a sum. */
function sumOf(results: LoadDayResult[]): Counts {
  const sum = (count: keyof Counts) => results.reduce((total, result) => total + result[count], 0);
  return {
    feeds: Math.max(...results.map(({ feeds }) => feeds)),
    polls: sum('polls'),
    chargingPointFacts: sum('chargingPointFacts'),
    connectorFacts: sum('connectorFacts'),
    quarantined: sum('quarantined'),
    unreadable: sum('unreadable'),
  };
}

function dayRow(result: LoadDayResult): (string | number)[] {
  return [result.day, result.revision, ...counts(result)];
}

function counts(of: Counts): number[] {
  return [of.feeds, of.polls, of.chargingPointFacts, of.connectorFacts, of.quarantined, of.unreadable];
}
