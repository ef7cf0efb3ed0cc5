import { readFileSync } from 'node:fs';
import pg from 'pg';
import { beforeAll, describe, expect, it } from 'vitest';
import { ABSENT_HINT, RECORDED_DAY, RECORDED_POLLS_ARE_ABSENT } from '../e2e/support/recordedPolls.js';
import type { LoadBench } from './support/loads.js';
import { query } from './support/query.js';
import { makeRecordedBench } from './support/recorded.js';

/** Queries of docs/bi.md, each with its title and the result that the page shows below it. */
const QUERIES = [
  ...readFileSync(new URL('../../docs/bi.md', import.meta.url), 'utf8').matchAll(
    /^### \d+\. (.*)\n\n```sql\n([^`]*)```\n\n((?:\|.*\n)*)/gm,
  ),
].map(([, title = '', statement = '', table = '']) => ({ title, statement, answer: cellsOf(table) }));

/** Return the cells of a Markdown table, without the line below the header. */
function cellsOf(table: string): string[][] {
  return table
    .split('\n')
    .filter((line) => line !== '' && !/^[| :-]+$/.test(line))
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );
}

it('there are ten queries', () => {
  expect(QUERIES).toHaveLength(10);
});

describe.skipIf(RECORDED_POLLS_ARE_ABSENT)(`a query for BI tools${ABSENT_HINT}`, () => {
  let bench: LoadBench;
  beforeAll(async () => {
    const { remove, ...made } = await makeRecordedBench();
    bench = made;
    return remove;
  }, 60_000);

  it('the views for cities, operators and data scientists add up to the same', async () => {
    const sums = (view: string, minutes: string) =>
      query(
        bench.url,
        `select sum(charging_starts)::int as starts, ${minutes} as observed from ${view} where day = '${RECORDED_DAY}'`,
      );
    const expected = await query(
      bench.url,
      `select sum(charging_starts)::int as starts, sum(60 - unobserved_minutes)::int as observed from utilization_hour`,
    );
    expect(expected).toEqual([{ starts: 426, observed: 2 * 10 * 2428 }]);
    expect(await sums('station_hour', 'sum(60 * charging_points - unobserved_minutes)::int')).toEqual(
      expected,
    );
    // The feeds were first polled in the hour from 21:00. Therefore three hours of the day (180 minutes) count.
    for (const view of ['city_day', 'operator_day'])
      expect(await sums(view, 'round(sum(observed_share * charging_points * 180))::int')).toEqual(expected);
  });

  it.each(QUERIES)('answers: $title', async ({ statement, answer }) => {
    const client = new pg.Client({ connectionString: bench.url });
    await client.connect();
    try {
      await client.query('set role ladepuls_reader');
      const { fields, rows } = await client.query<(string | number | null)[]>({
        text: statement,
        rowMode: 'array',
      });
      const found = [
        fields.map(({ name }) => name),
        ...rows.map((row) => row.map((cell) => String(cell ?? ''))),
      ];
      expect(found).toEqual(answer);
    } finally {
      await client.end();
    }
  });
});
