import pg from 'pg';
import { beforeAll, beforeEach, expect, it } from 'vitest';
import { openPostgresWarehouse } from '../../src/warehouse/postgres/warehouse.js';
import { envelope, point, putPoll, slotAt, station, DAY } from '../cleaning/support/polls.js';
import { makeStores } from '../cleaning/support/stores.js';
import { newHome, removeHomes, type Supervised, supervise, until } from '../local/support/supervised.js';
import { benchOf, type LoadBench, type LoadStep, loadDay, newLoad, stepsOf } from './support/loads.js';
import { digest, query } from './support/query.js';

let server: Supervised;
let bench: LoadBench;
let polls = 0;
beforeAll(async () => {
  server = supervise({ home: newHome(), components: ['postgres'] });
  const { postgresUrl } = await server.addresses();
  const warehouse = openPostgresWarehouse(postgresUrl);
  await warehouse.migrate();
  const stores = makeStores();
  bench = benchOf(postgresUrl, warehouse, stores);
  return async () => {
    await warehouse.close();
    stores.remove();
    server.kill('SIGTERM');
    await server.exited();
    await removeHomes();
  };
});
beforeEach(async () => {
  const slot = slotAt(polls++);
  await putPoll(bench.raw, { slot, body: envelope(slot, [station('1', [point('11'), point('12')])]) });
});

it.each<LoadStep['name']>(['copy', 'check', 'publish'])(
  'a load whose Postgres crashes before its step "%s" publishes nothing, and is done anew',
  async (name) => {
    const before = await digest(bench.url);
    const steps = stepsOf(bench, newLoad(DAY));
    const at = steps.findIndex((step) => step.name === name);
    for (const step of steps.slice(0, at)) await step.run();
    await crash();
    const rest = async () => {
      for (const step of steps.slice(at)) await step.run();
    };
    await expect(rest()).rejects.toMatchObject({ type: 'LoadOutdated', nonRetryable: true });
    expect(await digest(bench.url)).toEqual(before);
    const { chargingPointFacts } = await loadDay(bench, DAY);
    expect(chargingPointFacts).toBe(2 * polls);
  },
);

/**
 * Kill one of the server's processes. The server then ends all its processes and recovers, as after a power failure.
 */
async function crash(): Promise<void> {
  const victim = new pg.Client({ connectionString: bench.url });
  const died = new Promise((resolve) => victim.on('error', resolve));
  await victim.connect();
  const { rows } = await victim.query<{ pid: number }>('select pg_backend_pid() as pid');
  process.kill(rows[0]?.pid ?? NaN, 'SIGKILL');
  await died;
  await until(
    () =>
      query(bench.url, 'select').then(
        () => true,
        () => false,
      ),
    'the server has recovered',
  );
}
