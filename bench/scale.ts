import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs, promisify } from 'node:util';
import pg from 'pg';
import { formatTable } from '../src/commands/console/table.js';
import { readConfig } from '../src/settings/config.js';
import { choosePort, LOOPBACK } from '../src/local/ports.js';
import { catchShutdownSignals } from '../src/local/shutdownSignals.js';
import type { SupervisedProcess } from '../src/local/supervisedProcess.js';
import type { Supervisor } from '../src/local/supervisor.js';
import { type Installation, openInstallation, workerCommand } from '../src/app/installation.js';
import { openStore } from '../src/stores/open.js';
import { listRawDays, listRawFeeds } from '../src/stores/raw.js';
import type { Store } from '../src/stores/store.js';
import { type FactBytes, measureFacts } from './factBytes.js';
import { cleaningFloor, loadingFloor } from './floors.js';
import { loadOnce, type LoadTimes } from './loadTimes.js';
import { peakMemoryMb } from './memory.js';
import { removeHome } from './home.js';
import { fillRaw } from './polls.js';

const USAGE = `npm run bench:scale -- --polls DIR | --raw STORE [--workers 1,2,4] [--json FILE]

Loads one day of a fleet of any size into an empty warehouse with so many worker processes, one number after the
other, and compares each with the floors of the same run.

  --polls DIR     recorded poll files of one day
  --raw FOLDER    a raw store with one day in it, which "ladepuls import" has made; its files are linked, not copied
  --workers LIST  numbers of worker processes; default 1,2,4
  --no-sealing    ends each load once it is published
  --floors-of-one-in N  measures the floors of one feed in so many, and multiplies them: they grow with the rows; default 1
  --json FILE     where the figures are written; default bench-scale.json`;

const { values: options } = parseArgs({
  options: {
    polls: { type: 'string' },
    raw: { type: 'string' },
    workers: { type: 'string', default: '1,2,4' },
    'floors-of-one-in': { type: 'string', default: '1' },
    'no-sealing': { type: 'boolean', default: false },
    json: { type: 'string', default: 'bench-scale.json' },
    help: { type: 'boolean', default: false },
  },
});

interface Round {
  workers: number;
  times: LoadTimes;
  bytes: FactBytes;
  peakMb: (number | null)[];
  history: { events: number; bytes: number };
  /** Milliseconds of a query for one charging station's day, over {@link STATIONS_READ} stations. */
  stationDayMs: { median: number; longest: number };
}

/** Number of stations whose day is read. */
const STATIONS_READ = 50;

async function run(numbers: number[]): Promise<void> {
  const home = await mkdtemp(join(tmpdir(), 'ladepuls-scale-'));
  const signals = catchShutdownSignals();
  const config = readConfig({ LADEPULS_HOME: home });
  const raw = openStore(config.stores.raw);
  let installation: Installation | undefined;
  try {
    console.log('writing raw …');
    const day =
      options.raw === undefined
        ? await fillRaw(raw, config, options.polls)
        : await linkRaw(raw, home, options.raw);
    installation = await openInstallation({
      config,
      env: { ...process.env, LADEPULS_HOME: home },
      needs: { temporal: true, postgres: true },
      mode: 'command',
      signal: signals.stop,
      hurry: signals.hurry,
      onProgress: (line) => console.log(line),
    });
    const [rawFolder, singles] = [join(home, 'raw'), join(home, 'singles')];
    // Hard links are safe as copies here, because sealing deletes single objects but never changes their content.
    await linkAll(rawFolder, singles);
    const files = { points: join(home, 'floor_points.csv'), connectors: join(home, 'floor_connectors.csv') };
    console.log('floors …');
    const started = performance.now();
    const oneOf = Number(options['floors-of-one-in']);
    const rows = await cleaningFloor(singles, files, oneOf);
    const cleaning = ((performance.now() - started) / 1000) * oneOf;
    const loading = (await loadingFloor(installation.databaseUrl ?? '', files)) * oneOf;
    console.log(
      `floors, one process: cleaning ${cleaning.toFixed(1)} s, loading ${loading.toFixed(1)} s, by ${rows} fact rows`,
    );
    await Promise.all(Object.values(files).map((file) => rm(file)));
    const rounds: Round[] = [];
    for (const workers of numbers) {
      console.log(`${workers} worker processes …`);
      // Node would use all its threads for that, and the supervisor's probes of Postgres would wait for one in vain.
      await promisify(execFile)('rm', ['--recursive', rawFolder]);
      await linkAll(singles, rawFolder);
      rounds.push(await loadWith(installation, day, workers));
      await report({ cleaning, loading }, rounds);
    }
  } finally {
    await installation?.close();
    await raw.close();
    await removeHome(home);
    signals.dispose();
  }
}

/** Link the files of an existing raw store with one day. Returns the day. */
async function linkRaw(raw: Store, home: string, folder: string): Promise<string> {
  await linkAll(folder, join(home, 'raw'));
  const [feed = ''] = await listRawFeeds(raw, 'accepted');
  const [day, ...others] = await listRawDays(raw, 'accepted', feed);
  if (day === undefined || others.length > 0) throw new Error(`${folder} does not hold one day of polls`);
  return day;
}

/** Load the day into a new warehouse with the given number of workers. */
async function loadWith(installation: Installation, day: string, workers: number): Promise<Round> {
  const { supervisor } = installation;
  if (!supervisor) throw new Error('the bench runs on components of its own');
  const url = await createDatabase(installation.databaseUrl ?? '', `bench_${workers}`);
  const client = await installation.client();
  const processes: SupervisedProcess[] = [];
  for (let number = 1; number <= workers; number++)
    processes.push(await startWorker(supervisor, installation, url, `worker-${workers}-${number}`));
  const { workflowId, ...times } = await loadOnce(installation, day, { seals: !options['no-sealing'] });
  const peakMb = await Promise.all(processes.map(({ pid }) => peakMemoryMb(pid)));
  await Promise.all(processes.map((each) => each.stop()));
  const { historyLength, raw } = await client.workflow.getHandle(workflowId).describe();
  const bytes = Number(raw.workflowExecutionInfo?.historySizeBytes ?? 0);
  const warehouse = await measureWarehouse(url, day);
  await dropDatabase(installation.databaseUrl ?? '', `bench_${workers}`);
  return { workers, times, peakMb, history: { events: historyLength, bytes }, ...warehouse };
}

/** Start a worker and wait until it reports that it is ready. */
async function startWorker(
  supervisor: Supervisor,
  installation: Installation,
  databaseUrl: string,
  name: string,
): Promise<SupervisedProcess> {
  const port = await choosePort({ port: undefined, setting: 'LADEPULS_HEALTH_PORT' });
  return supervisor.spawn({
    name,
    ...workerCommand({
      ...installation.env,
      DATABASE_URL: databaseUrl,
      LADEPULS_QUEUES: 'load',
      LADEPULS_HEALTH_PORT: String(port),
    }),
    isReady: async (_launch, signal) => (await fetch(`http://${LOOPBACK}:${port}/ready`, { signal })).ok,
  });
}

async function measureWarehouse(url: string, day: string): Promise<Pick<Round, 'bytes' | 'stationDayMs'>> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const bytes = await measureFacts(client);
    const { rows: stations } = await client.query<{ id: number }>(
      `select id_cs as id from charging_station order by md5(id_cs::text) limit ${STATIONS_READ}`,
    );
    const times: number[] = [];
    for (const { id } of stations) {
      const started = performance.now();
      await client.query(
        `select fact.* from charging_point point join status_chargingpoints fact on fact.id_chargingpoint = point.id_cp
         where point.id_cs = $1 and fact.day = $2 order by fact.slot`,
        [id, day],
      );
      times.push(performance.now() - started);
    }
    times.sort((a, b) => a - b);
    return {
      bytes,
      stationDayMs: { median: times[Math.floor(times.length / 2)] ?? NaN, longest: times.at(-1) ?? NaN },
    };
  } finally {
    await client.end();
  }
}

async function createDatabase(owner: string, name: string): Promise<string> {
  await execute(owner, `create database ${name}`);
  const url = new URL(owner);
  url.pathname = `/${name}`;
  return url.toString();
}

const DROP_ATTEMPTS = 120;

async function dropDatabase(owner: string, name: string): Promise<void> {
  // Dropping fails while an autovacuum runs in the database. Only the autovacuum's own role could end it.
  // Therefore wait until it has ended.
  for (let attempt = 1; ; attempt++)
    try {
      await execute(owner, `drop database ${name}`);
      return;
    } catch (error) {
      if (attempt === DROP_ATTEMPTS) throw error;
      await sleep(1_000);
    }
}

async function execute(url: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query(statement).finally(() => client.end());
}

/** Copy a folder by hard links, which take no space for the files' content. */
async function linkAll(from: string, to: string): Promise<void> {
  await promisify(execFile)('cp', ['--recursive', '--link', from, to]);
}

async function report(floors: { cleaning: number; loading: number }, rounds: Round[]): Promise<void> {
  const floor = floors.cleaning + floors.loading;
  console.log(
    formatTable(
      [
        'workers',
        'facts',
        'loadDay s',
        'cleaning',
        'loading',
        'facts/s',
        'ratio',
        'to cleaning floor',
        'peak MB each',
        'bytes/fact',
        'bytes/span',
        'history',
        'station day ms',
        'sealing s',
      ],
      rounds.map(({ workers, times, peakMb, bytes, history, stationDayMs }) => [
        String(workers),
        String(bytes.facts),
        times.whole.toFixed(1),
        times.cleaning.toFixed(1),
        times.loading.toFixed(1),
        Math.round(bytes.facts / times.whole).toString(),
        (times.whole / floor).toFixed(2),
        (times.whole / floors.cleaning).toFixed(2),
        peakMb.map((mb) => mb ?? '?').join(' '),
        bytes.bytesAFact.toFixed(1),
        bytes.bytesASpan.toFixed(1),
        `${history.events} events, ${(history.bytes / 1e3).toFixed(0)} kB`,
        `${stationDayMs.median.toFixed(1)}, at most ${stationDayMs.longest.toFixed(1)}`,
        times.sealing.toFixed(1),
      ]),
    ),
  );
  await writeFile(options.json, `${JSON.stringify({ floors, rounds, node: process.version }, null, 2)}\n`);
}

const numbers = options.workers.split(',').map(Number);
if (options.help || numbers.some((number) => !Number.isInteger(number) || number < 1)) console.log(USAGE);
else await run(numbers);
