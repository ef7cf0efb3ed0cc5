import { beforeAll, beforeEach, expect, it } from 'vitest';
import { stagingSchema } from '../../src/warehouse/load/staging.js';
import { flatKey, getPlan } from '../../src/stores/flat.js';
import type { Load } from '../../src/warehouse/warehouse.js';
import { gunzipSync, gzipSync } from 'node:zlib';
import { DAY, envelope, point, putPoll, slotAt, station } from '../cleaning/support/polls.js';
import { type LoadBench, makeBench, newLoad, stepsOf } from './support/loads.js';
import { column, query } from './support/query.js';

let bench: LoadBench;
beforeAll(async () => {
  const { remove, ...made } = await makeBench();
  bench = made;
  for (const index of [0, 1, 2]) {
    const slot = slotAt(index);
    await putPoll(bench.raw, { slot, body: envelope(slot, [station('1', [point('11'), point('12')])]) });
  }
  return remove;
});

let load: Load;
beforeEach(() => {
  load = newLoad(DAY);
});

/** Run the steps before `name`. Return that step, and a function that runs it and those after it. */
async function stepsUntil(name: string) {
  const steps = stepsOf(bench, load);
  const at = steps.findIndex((step) => step.name === name);
  for (const step of steps.slice(0, at)) await step.run();
  const step = steps[at] ?? expect.fail(`no step ${name}`);
  const rest = async () => {
    for (const { run } of steps.slice(at)) await run();
  };
  return { step, rest };
}

const FACT = 'each entity has at most one fact in a slot, and its content spans have at least as many polls';

it.each([
  [
    'a fact is missing',
    'delete from new_connector_status_span where id_connector = $$110$$',
    'the counts of facts are equal to the numbers of copied facts',
  ],
  [
    'facts are doubled',
    'insert into new_charging_point_status_span select * from new_charging_point_status_span',
    FACT,
  ],
  [
    'one fact stands for another',
    `update new_charging_point_status_span set last_slot = first_slot where id_chargingpoint = '11'`,
    'each span begins and ends with a poll of its feed, and its column polls is the number of polls in it',
  ],
  [
    'facts are of no poll',
    `update new_connector_status_span set feed = 'bonn'`,
    'new_connector_status_span: each span begins and ends with a poll of its feed',
  ],
  [
    'a fact is of an entity without a content span',
    `update new_connector_status_span set id_connector = '999' where id_connector = '110'`,
    'new_connector_status_span: each entity has at most one fact in a slot',
  ],
  ['a content span is missing', `delete from new_charging_point_content_span where id_cp = '12'`, FACT],
  ['a content span has fewer polls than facts', `update new_connector_content_span set polls = 2`, FACT],
  [
    'a charging point has no station',
    'delete from new_charging_station_content_span',
    'each charging point has a station on this day',
  ],
  [
    'a connector has no charging point',
    `update new_connector_content_span set id_cp = '999' where id_connector = '110'`,
    'each connector has a charging point on this day',
  ],
  ['the ledger counts other facts', 'delete from new_ledger', null],
])('a load is refused when %s, and says which rule is violated', async (_, tampering, promise) => {
  const { rest } = await stepsUntil('check');
  await query(bench.url, `set search_path = ${stagingSchema(load)}`, tampering);
  const refused = await rest().catch((error: unknown) => error);
  expect(refused).toMatchObject({ type: 'LoadRefused', nonRetryable: true });
  expect((refused as Error).message).toMatch(
    /^the day is not published, because its staging violates a rule \d+ times: new_/,
  );
  expect((refused as Error).message).toContain(promise ?? 'new_ledger');
  expect(await column(bench.url, 'select count(*)::int from ops.day_revision')).toEqual([0]);
});

it.each([
  ['compare', 'charging_point_content_span'],
  ['copy', 'connector_status_span'],
] as const)('in the step "%s", a flat file that was cut is refused for good', async (name, file) => {
  const { step } = await stepsUntil(name);
  const [slice = expect.fail()] = (await getPlan(bench.flat, DAY, load.run)).chunks.flat();
  const key = flatKey({ day: DAY, load: load.run, ...slice }, file);
  const lines = gunzipSync(await bench.flat.get(key))
    .toString()
    .split('\n');
  await bench.flat.put(key, gzipSync(lines.slice(0, -2).join('\n') + '\n'));
  const refused = await step.run().catch((error: unknown) => error);
  expect(refused).toMatchObject({ type: 'LoadRefused', nonRetryable: true });
  expect((refused as Error).message).toMatch(
    new RegExp(
      `^the flat files ${file} of koeln.* have \\d+ rows, but their manifests say \\d+\\. Load the day again`,
    ),
  );
});

it('a load that nobody touched passes', async () => {
  await (await stepsUntil('check')).rest();
});
