import { cp, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import pg from 'pg';
import { formatTable } from '../src/commands/console/table.js';
import { readConfig } from '../src/settings/config.js';
import { catchShutdownSignals } from '../src/local/shutdownSignals.js';
import { type Installation, openInstallation } from '../src/app/installation.js';
import { openStore } from '../src/stores/open.js';
import { type FactBytes, measureFacts } from './factBytes.js';
import { cleaningFloor, loadingFloor } from './floors.js';
import { loadFirst, loadOnce, type LoadTimes } from './loadTimes.js';
import { median } from './median.js';
import { peakMemoryMb } from './memory.js';
import { removeHome } from './home.js';
import { fillRaw } from './polls.js';

const USAGE = `npm run bench -- [--polls DIR] [--runs N] [--json FILE]

Loads one day through the real workflow, Temporal and Postgres included, and compares it in the same run
with the least that the work can be. Times are medians; what counts is the ratios.

  --polls DIR   recorded poll files (YYYYmmdd_HHMMSS_cp_data_cities.json[.gz]); default: the simulated fleet
  --runs N      runs of everything, in turn; default 3
  --json FILE   where the figures are written; default bench.json`;

const { values: options } = parseArgs({
  options: {
    polls: { type: 'string' },
    runs: { type: 'string', default: '3' },
    json: { type: 'string', default: 'bench.json' },
    help: { type: 'boolean', default: false },
  },
});

interface Round {
  cleaningFloor: number;
  loadingFloor: number;
  /** Durations of a load from single objects. */
  load: LoadTimes;
  /** Durations of a load of the same day from its sealed objects. */
  sealed: LoadTimes;
}

async function run(): Promise<void> {
  const home = await mkdtemp(join(tmpdir(), 'ladepuls-bench-'));
  const signals = catchShutdownSignals();
  const config = readConfig({ LADEPULS_HOME: home });
  const raw = openStore(config.stores.raw);
  let installation: Installation | undefined;
  try {
    console.log('writing raw …');
    const day = await fillRaw(raw, config, options.polls);
    installation = await openInstallation({
      config,
      env: { ...process.env, LADEPULS_HOME: home },
      needs: { temporal: true, postgres: true, worker: true },
      mode: 'command',
      signal: signals.stop,
      hurry: signals.hurry,
      onProgress: (line) => console.log(line),
    });
    const [rawFolder, singles] = [join(home, 'raw'), join(home, 'singles')];
    await cp(rawFolder, singles, { recursive: true });
    const rounds: Round[] = [];
    let rows = 0;
    let bytes: FactBytes | undefined;
    const files = { points: join(home, 'floor_points.csv'), connectors: join(home, 'floor_connectors.csv') };
    for (let round = 1; round <= Number(options.runs); round++) {
      const started = performance.now();
      rows = await cleaningFloor(singles, files);
      const floor = (performance.now() - started) / 1000;
      const copy = await loadingFloor(installation.databaseUrl ?? '', files);
      await rm(rawFolder, { recursive: true });
      await cp(singles, rawFolder, { recursive: true });
      const load = await loadFirst(installation, day);
      // The sizes are measured in the first round only, because later rounds leave unused space in the tables.
      bytes ??= await factBytes(installation.databaseUrl ?? '');
      rounds.push({
        cleaningFloor: floor,
        loadingFloor: copy,
        load,
        sealed: await loadFirst(installation, day),
      });
      console.log(`round ${round} of ${options.runs}`);
    }
    const again = await loadOnce(installation, day);
    const sealedBytes = await bytesBelow(join(rawFolder, 'sealed'));
    await report(rounds, again, {
      rows,
      bytes,
      sealedBytes,
      peakMb: await peakMemoryMb(installation.workerPid),
    });
  } finally {
    await installation?.close();
    await raw.close();
    await removeHome(home);
    signals.dispose();
  }
}

interface Sizes {
  /** Number of facts. */
  rows: number;
  /** Sizes on disk after the first load. */
  bytes: FactBytes | undefined;
  sealedBytes: number;
  peakMb: number | null;
}

async function report(
  rounds: Round[],
  again: LoadTimes,
  { rows, bytes, sealedBytes, peakMb }: Sizes,
): Promise<void> {
  const of = (pick: (round: Round) => number) => median(rounds.map(pick));
  const seconds = {
    cleaning_floor: of((r) => r.cleaningFloor),
    cleaning: of((r) => r.load.cleaning),
    loading_floor: of((r) => r.loadingFloor),
    loading: of((r) => r.load.loading),
    load_day: of((r) => r.load.whole),
    sealing: of((r) => r.load.sealing),
    sealed_cleaning: of((r) => r.sealed.cleaning),
    sealed_load_day: of((r) => r.sealed.whole),
    replacing: again.whole,
  };
  const ratios = {
    cleaning: of((r) => r.load.cleaning / r.cleaningFloor),
    loading: of((r) => r.load.loading / r.loadingFloor),
    load_day_to_cleaning_floor: of((r) => r.load.whole / r.cleaningFloor),
    sealed_load_day_to_cleaning_floor: of((r) => r.sealed.whole / r.cleaningFloor),
    load_day: of((r) => r.load.whole / (r.cleaningFloor + r.loadingFloor)),
    sealed_load_day: of((r) => r.sealed.whole / (r.cleaningFloor + r.loadingFloor)),
    sealed_to_single_cleaning: of((r) => r.sealed.cleaning / r.load.cleaning),
  };
  const floor = seconds.cleaning_floor + seconds.loading_floor;
  console.log(
    formatTable(
      ['', 'seconds', 'floor', 'ratio'],
      [
        [
          'cleaning: gunzip, JSON.parse, write',
          round2(seconds.cleaning),
          round2(seconds.cleaning_floor),
          round2(ratios.cleaning),
        ],
        [
          'loading: COPY of the same rows',
          round2(seconds.loading),
          round2(seconds.loading_floor),
          round2(ratios.loading),
        ],
        [
          'loadDay : gunzip, JSON.parse, write',
          round2(seconds.load_day),
          round2(seconds.cleaning_floor),
          round2(ratios.load_day_to_cleaning_floor),
        ],
        [
          'the same, from sealed objects',
          round2(seconds.sealed_load_day),
          round2(seconds.cleaning_floor),
          round2(ratios.sealed_load_day_to_cleaning_floor),
        ],
        ['loadDay: the sum of both', round2(seconds.load_day), round2(floor), round2(ratios.load_day)],
        [
          'loadDay, from sealed objects',
          round2(seconds.sealed_load_day),
          round2(floor),
          round2(ratios.sealed_load_day),
        ],
        ['loadDay, replacing a day', round2(again.whole), round2(floor), round2(again.whole / floor)],
      ],
    ),
  );
  console.log(
    `Sealing takes ${round2(seconds.sealing)} s after that, and makes ${(sealedBytes / 1e6).toFixed(2)} MB of the day. ` +
      `Cleaning from sealed objects takes ${round2(ratios.sealed_to_single_cleaning)} times as long as from single ones.`,
  );
  if (bytes)
    console.log(
      `A fact takes ${round2(bytes.bytesAFact)} bytes on disk, polls and indexes included; ` +
        `a span takes ${round2(bytes.bytesASpan)}, and there are ${bytes.spans} of them.`,
    );
  console.log(
    `${rows} facts; peak memory of the worker ${peakMb ?? 'unknown'} MB. Goals: loadDay to gunzip, JSON.parse and write 1.2; ` +
      '4 bytes a fact; 450 MB.',
  );
  const figures = {
    rows,
    rounds: rounds.length,
    seconds,
    ratios,
    bytes_a_fact: bytes?.bytesAFact,
    bytes_a_span: bytes?.bytesASpan,
    spans: bytes?.spans,
    sealed_bytes: sealedBytes,
    worker_peak_mb: peakMb,
    node: process.version,
  };
  await writeFile(options.json, `${JSON.stringify(figures, null, 2)}\n`);
}

async function bytesBelow(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const sizes = entries
    .filter((entry) => entry.isFile())
    .map(async (entry) => (await stat(join(entry.parentPath, entry.name))).size);
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}

async function factBytes(url: string): Promise<FactBytes> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  return measureFacts(client).finally(() => client.end());
}

function round2(value: number): number {
  return Math.round(value * 100) / 100;
}

if (options.help) console.log(USAGE);
else await run();
