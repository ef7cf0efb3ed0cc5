import { expect, it } from 'vitest';
import { itMeasuresHours } from './measures/hours.suite.js';
import { loadDay, openBench, openInOneChunk } from './support/loads.js';
import { column } from './support/query.js';
import { showTimeline } from './support/timeline.js';

itMeasuresHours(openInOneChunk);

it('whoever asks for some hours, or some days, reads the months that they are in', async () => {
  const bench = await openBench();
  for (const day of ['2022-01-31', '2022-02-01', '2022-03-01']) {
    await showTimeline(bench, day, 'a*144');
    await loadDay(bench, day);
  }
  const months = async (where: string) =>
    (await column(bench.url, `explain select * from utilization_hour where ${where}`))
      .map((line) => /status_hour_(\d+)/.exec(String(line))?.[1])
      .filter((month) => month !== undefined);
  expect(new Set(await months(`day = '2022-03-01'`))).toEqual(new Set(['202203']));
  expect(new Set(await months(`hour >= '2022-02-10Z' and hour < '2022-02-11Z'`))).toEqual(
    new Set(['202202']),
  );
});
