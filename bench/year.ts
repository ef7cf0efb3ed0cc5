import { existsSync } from 'node:fs';
import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import pg from 'pg';
import { formatTable } from '../src/commands/console/table.js';
import { type Config, readConfig } from '../src/settings/config.js';
import { addDays, type Day, dayOf, daysBetween } from '../src/domain/day.js';
import { catchShutdownSignals } from '../src/local/shutdownSignals.js';
import { type Installation, openInstallation } from '../src/app/installation.js';
import { DEFAULT_FEEDS } from '../src/sources/chargecloud/feeds.js';
import { openStore } from '../src/stores/open.js';
import { readRunOutcomes } from '../src/stores/sealed/runOutcomes.js';
import { sealFeedDay } from '../src/stores/sealed/seal.js';
import { QUEUES, REBUILD } from '../src/temporal/names.js';
import type { RebuildResult } from '../src/workflows/rebuildWarehouse.js';
import { type FactBytes, measureFacts } from './factBytes.js';
import { removeHome } from './home.js';
import { loadFirst, type LoadTimes } from './loadTimes.js';
import { median } from './median.js';
import { peakMemoryMb } from './memory.js';
import { simulateDay } from './polls.js';

const USAGE = `npm run bench:year -- [--days 365] [--runs 3] [--home DIR] [--json FILE]

Rebuilds the warehouse from sealed days of the simulated fleet of 38 feeds with the workflow "rebuildWarehouse", and compares
a day within that with the load of one day in the same run. A year of sealed days is 5 GB or less.

  --days N     days, up to yesterday; default 365
  --runs N     loads of one day, in turn; the figure is their median; default 3
  --home DIR   where the sealed days are made; they stay there, and another run uses them again
  --json FILE  where the figures are written; default bench-year.json`;

const { values: options } = parseArgs({
  options: {
    days: { type: 'string', default: '365' },
    runs: { type: 'string', default: '3' },
    home: { type: 'string' },
    json: { type: 'string', default: 'bench-year.json' },
    help: { type: 'boolean', default: false },
  },
});

/** Goal for the duration of a day within the rebuild, as a share of a single load's duration. */
const GOAL = 0.7;

async function run(): Promise<void> {
  const home = options.home ?? (await mkdtemp(join(tmpdir(), 'ladepuls-year-')));
  const signals = catchShutdownSignals();
  const env = { ...process.env, LADEPULS_HOME: home };
  const config = readConfig(env);
  let installation: Installation | undefined;
  try {
    const days = await sealDays(config, home);
    installation = await openInstallation({
      config,
      env,
      needs: { temporal: true, postgres: true, worker: true },
      mode: 'command',
      signal: signals.stop,
      hurry: signals.hurry,
      onProgress: (line) => console.log(line),
    });
    const single: LoadTimes[] = [];
    const last = days.at(-1) ?? '';
    for (let round = 1; round <= Number(options.runs); round++) {
      single.push(await loadFirst(installation, last));
      console.log(`load ${round} of ${options.runs} of one day`);
    }
    console.log(`rebuilding ${days.length} days …`);
    const rebuilt = await rebuild(installation);
    const bytes = await bytesOf(installation.databaseUrl ?? '');
    await report(single, rebuilt, { bytes, peakMb: await peakMemoryMb(installation.workerPid) });
  } finally {
    await installation?.close();
    if (options.home === undefined) await removeHome(home);
    signals.dispose();
  }
}

/** Create the sealed days that the home directory does not have yet. Returns all days, in order. */
async function sealDays(config: Config, home: string): Promise<Day[]> {
  const marker = join(home, 'last-day');
  const yesterday = addDays(dayOf(Date.now(), config.general.timeZone), -1);
  const last = existsSync(marker) ? (await readFile(marker, 'utf8')).trim() : yesterday;
  await writeFile(marker, last);
  const days = daysBetween(addDays(last, 1 - Number(options.days)), last);
  const raw = openStore(config.stores.raw);
  try {
    for (const [number, day] of days.entries()) {
      const sealedMark = join(home, `sealed-${day}`);
      if (existsSync(sealedMark)) continue;
      await simulateDay(raw, config, day);
      const runOutcomes = await readRunOutcomes(raw, day, [...DEFAULT_FEEDS]);
      for (const feed of DEFAULT_FEEDS) await sealFeedDay(raw, feed, day, runOutcomes.get(feed) ?? []);
      await writeFile(sealedMark, '');
      console.log(`${number + 1} of ${days.length} days are sealed`);
    }
  } finally {
    await raw.close();
  }
  return days;
}

interface Rebuilt {
  days: number;
  seconds: number;
}

async function rebuild(installation: Installation): Promise<Rebuilt> {
  const client = await installation.client();
  const started = performance.now();
  const { days } = await client.workflow.execute<(input: object) => Promise<RebuildResult>>(
    'rebuildWarehouse',
    {
      taskQueue: QUEUES.load,
      workflowId: REBUILD.workflowId,
      args: [{}],
    },
  );
  return { days, seconds: (performance.now() - started) / 1000 };
}

async function bytesOf(url: string): Promise<FactBytes> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  return measureFacts(client).finally(() => client.end());
}

async function report(
  single: LoadTimes[],
  rebuilt: Rebuilt,
  { bytes, peakMb }: { bytes: FactBytes; peakMb: number | null },
): Promise<void> {
  const ofSingle = median(single.map(({ whole }) => whole));
  const aDay = rebuilt.seconds / rebuilt.days;
  console.log(
    formatTable(
      [
        'days',
        'rebuilt s',
        'a day s',
        'single load s',
        'ratio',
        'goal',
        'bytes/fact',
        'bytes/span',
        'peak MB',
      ],
      [
        [
          rebuilt.days,
          rebuilt.seconds.toFixed(1),
          aDay.toFixed(2),
          ofSingle.toFixed(2),
          (aDay / ofSingle).toFixed(2),
          GOAL,
          bytes.bytesAFact.toFixed(2),
          bytes.bytesASpan.toFixed(1),
          peakMb ?? '?',
        ],
      ],
    ),
  );
  const figures = {
    rebuilt,
    single,
    seconds_a_day: aDay,
    ratio: aDay / ofSingle,
    bytes,
    worker_peak_mb: peakMb,
  };
  await writeFile(options.json, `${JSON.stringify({ ...figures, node: process.version }, null, 2)}\n`);
}

if (options.help) console.log(USAGE);
else await run();
