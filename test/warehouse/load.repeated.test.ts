import { beforeAll, describe, expect, it } from 'vitest';
import type { Store } from '../../src/stores/store.js';
import { stagingSchema } from '../../src/warehouse/load/staging.js';
import { DAY, envelope, point, putPoll, slotAt, station } from '../cleaning/support/polls.js';
import { type Stores, temporaryStores } from '../cleaning/support/stores.js';
import {
  activitiesOf,
  loadDay,
  type LoadStep,
  makeBench,
  newLoad,
  openBench,
  stepsOf,
} from './support/loads.js';
import { holdLock, killConnections } from './support/sessions.js';
import { digest } from './support/query.js';

/** Digest of the day that every test here loads, after an undisturbed load. */
let undisturbed: Record<string, string>;
let raw: Store;

const STEPS: LoadStep['name'][] = [
  'open',
  'clean',
  'compare',
  'exclude',
  'compare again',
  'copy',
  'cover',
  'check',
  'publish',
];

beforeAll(async () => {
  const { remove, ...bench } = await makeBench();
  raw = bench.raw;
  // Two feeds share a charging point, so that every step has something to do.
  for (let index = 0; index < 4; index++) {
    const slot = slotAt(index);
    const mine = [station('1', [point('11'), point('12', index === 2 ? null : 'CHARGING')])];
    const yours = [
      station('2', [point('21'), point('22'), point('23', index > 1 ? 'BLOCKED' : 'AVAILABLE')]),
    ];
    if (index === 0) yours.push(station('1', [point('11', 'RESERVED')]));
    await putPoll(raw, { slot, body: envelope(slot, mine) });
    await putPoll(raw, { slot, feed: 'bonn', body: envelope(slot, yours) });
  }
  await loadDay(bench, DAY);
  undisturbed = await digest(bench.url);
  return remove;
});

/** Open a warehouse and a flat store for the common raw store. */
async function bench() {
  const stores: Stores = { raw, flat: temporaryStores().flat };
  return openBench(stores);
}

it.each(STEPS)('the step "%s" may be taken by two at once, and once more', async (name) => {
  const { url, ...parts } = await bench();
  for (const step of stepsOf(parts, newLoad(DAY))) {
    await step.run();
    if (step.name !== name) continue;
    await Promise.all([step.run(), step.run()]);
    await step.run();
  }
  expect(await digest(url)).toEqual(undisturbed);
});

it.each(['open', 'copy', 'cover', 'check', 'publish'])(
  'the step "%s" may be taken first by two at once',
  async (name) => {
    const { url, ...parts } = await bench();
    for (const step of stepsOf(parts, newLoad(DAY)))
      if (step.name === name) await Promise.all([step.run(), step.run()]);
      else await step.run();
    expect(await digest(url)).toEqual(undisturbed);
  },
);

it('two loads of the day at once publish it one after the other', async () => {
  const { url, ...parts } = await bench();
  const loads = [newLoad(DAY), newLoad(DAY)].map((load) => stepsOf(parts, load));
  for (const name of STEPS)
    await Promise.all(
      loads.map((steps) => steps.find((step) => step.name === name)?.run() ?? expect.fail(name)),
    );
  expect(await digest(url)).toEqual(undisturbed);
});

describe('a connection that breaks', () => {
  /** Steps, each with a statement that makes the step wait in the middle of its transaction. */
  const BLOCKS: [LoadStep['name'], (schema: string) => string][] = [
    ['open', () => 'lock table ladepuls_locks.opening in exclusive mode'],
    ['check', (schema) => `lock table ${schema}.new_ledger in access exclusive mode`],
    ['publish', () => 'lock table ops.day_revision in share mode'],
  ];

  it.each(BLOCKS)(
    'in the step "%s" leaves nothing of it, and the step is taken again',
    async (name, block) => {
      const { url, ...parts } = await bench();
      const load = newLoad(DAY);
      for (const step of stepsOf(parts, load)) {
        if (step.name === name) {
          const lock = await holdLock(url, block(stagingSchema(load)));
          const broken = step.run().catch((error: unknown) => error);
          await lock.waited();
          await killConnections(url);
          await lock.release();
          expect(await broken).toBeInstanceOf(Error);
        }
        await step.run();
      }
      expect(await digest(url)).toEqual(undisturbed);
    },
  );

  it.each([
    ['compare', 'poll'],
    ['copy', 'connector_status_span'],
  ] as const)('in the step "%s" leaves nothing of what was copied', async (name, file) => {
    const { url, warehouse, flat } = await bench();
    let kills = 0;
    const breaking: Store = Object.assign(Object.create(flat) as Store, {
      async get(key: string) {
        if (kills === 0 && key.endsWith(`/${file}.csv.gz`)) {
          kills++;
          await killConnections(url);
        }
        return flat.get(key);
      },
    });
    const load = newLoad(DAY);
    const steps = stepsOf({ activities: activitiesOf({ raw, flat, warehouse }) }, load);
    const breakingActivities = activitiesOf({ raw, flat: breaking, warehouse });
    for (const step of steps) {
      if (step.name === name) {
        const broken = stepsOf({ activities: breakingActivities }, load);
        await broken[0]?.run();
        await expect(broken.find((other) => other.name === name)?.run()).rejects.toThrow();
        expect(kills).toBe(1);
      }
      await step.run();
    }
    expect(await digest(url)).toEqual(undisturbed);
  });
});
