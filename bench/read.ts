import { existsSync } from 'node:fs';
import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import pg from 'pg';
import { readSpace } from '../src/commands/status/freeSpace.js';
import { formatTable } from '../src/commands/console/table.js';
import { type Config, readConfig } from '../src/settings/config.js';
import { catchShutdownSignals } from '../src/local/shutdownSignals.js';
import { type Installation, type RequiredComponents, openInstallation } from '../src/app/installation.js';
import { openStore } from '../src/stores/open.js';
import { copyFacts } from './copyFacts.js';
import { measureFacts } from './factBytes.js';
import { copyToHeap, copyWithinHeap, HEAP, makeHeap } from './heap.js';
import { removeHome } from './home.js';
import { loadOnce } from './loadTimes.js';
import { median } from './median.js';
import { type Explained, explain } from './plan.js';
import { fillRaw } from './polls.js';
import { type Asked, chooseAsked, PUBLISHED, type Read, type ReadKind, READS } from './reads.js';

const USAGE = `npm run bench:read -- [--polls DIR] [--months 1] [--runs 3] [--reads TEXT] [--cold] [--home DIR] [--json FILE]

Reads facts from status spans and from a heap table of the same rows, by turns, with and without JIT. The months before
the loaded day are made in SQL: that day's facts, shifted. A heap of 12 months takes 21 GB.

  --polls DIR   recorded poll files of one day; default: the simulated fleet
  --months N    months of facts, such as 1, 12, 36 or 0.1; default 1
  --runs N      warm runs of each read; the figure is their median; default 3
  --reads TEXT  only the reads whose name has this text in it
  --cold        each read also once behind a restart of Postgres, with the system's cache emptied where root may
  --home DIR    where the months are made; they stay there, and another run reads them again
  --json FILE   where the figures are written; default bench-read.json`;

const { values: options } = parseArgs({
  options: {
    polls: { type: 'string' },
    months: { type: 'string', default: '1' },
    runs: { type: 'string', default: '3' },
    reads: { type: 'string', default: '' },
    cold: { type: 'boolean', default: false },
    home: { type: 'string' },
    json: { type: 'string', default: 'bench-read.json' },
    help: { type: 'boolean', default: false },
  },
});

/** Maximum ratio of the duration on spans to that on the heap, for each kind of read. */
const GOALS: Record<ReadKind, number> = { scan: 1.7, lookup: 2, mart: 2 };
/** Duration below which a ratio is only noise. */
const NOISE_MS = 2;
/** Duration above which a read is timed only once. */
const LONG_MS = 20_000;
const READ_TIMEOUT = '15min';
/** Bytes of a fact row, including its index and the space for sorting it. */
const HEAP_BYTES_A_ROW = 85;
/** File by which Linux drops its page cache. Only root may write to it. */
const DROP_CACHES = '/proc/sys/vm/drop_caches';

const SIDES = { heap: HEAP, spans: PUBLISHED };
type Side = keyof typeof SIDES;

/** Measurements of a read on one side. */
interface Taken extends Pick<Explained, 'buffers' | 'plan'> {
  /** Infinite when the read exceeded {@link READ_TIMEOUT}. */
  milliseconds: number;
}
type Measured = Pick<Read, 'name' | 'kind'> & { jit: boolean; cold: boolean } & Record<Side, Taken>;

const reads = READS.filter(({ name, kind }) => kind !== 'mart' && name.includes(options.reads));

async function run(): Promise<void> {
  const home = options.home ?? (await mkdtemp(join(tmpdir(), 'ladepuls-read-')));
  const signals = catchShutdownSignals();
  const env = { ...process.env, LADEPULS_HOME: home };
  const config = readConfig(env);
  const open = (needs: RequiredComponents) =>
    openInstallation({
      config,
      env,
      needs,
      mode: 'command',
      signal: signals.stop,
      hurry: signals.hurry,
      onProgress: (line) => console.log(line),
    });
  try {
    const marker = join(home, 'made-day');
    if (!existsSync(marker)) {
      const raw = openStore(config.stores.raw);
      const loaded = await fillRaw(raw, config, options.polls).finally(() => raw.close());
      await during(await open({ temporal: true, postgres: true, worker: true }), async (installation) => {
        await loadOnce(installation, loaded);
        await connected(installation, (client) => makeFacts(client, config, loaded));
        // The second load publishes the day again, so that the planner gets statistics of all days.
        await loadOnce(installation, loaded);
        await connected(installation, (client) => measureMade(client));
      });
      await writeFile(marker, loaded);
    }
    const day = (await readFile(marker, 'utf8')).trim();
    const measured: Measured[] = [];
    await during(await open({ postgres: true }), (installation) =>
      connected(installation, async (client) => {
        const asked = await chooseAsked(client, day);
        for (const jit of [false, true]) measured.push(...(await measureWarm(client, asked, jit)));
      }),
    );
    await report(measured);
    if (!options.cold) return;
    for (const read of reads) {
      const [heap, spans] = [
        await measureCold(open, day, read, 'heap'),
        await measureCold(open, day, read, 'spans'),
      ];
      measured.push({ name: read.name, kind: read.kind, jit: true, cold: true, heap, spans });
    }
    await report(measured);
  } finally {
    if (options.home === undefined) await removeHome(home);
    signals.dispose();
  }
}

async function during(
  installation: Installation,
  work: (installation: Installation) => Promise<void>,
): Promise<void> {
  await work(installation).finally(() => installation.close());
}

async function connected(
  installation: Installation,
  work: (client: pg.Client) => Promise<void>,
): Promise<void> {
  const client = new pg.Client({ connectionString: installation.databaseUrl });
  await client.connect();
  await client.query(`set timezone = 'UTC'; set statement_timeout = '${READ_TIMEOUT}'`);
  await work(client).finally(() => client.end());
}

/** Create the months before the loaded day, as spans and as a heap of rows. */
async function makeFacts(client: pg.Client, config: Config, day: string): Promise<void> {
  await client.query('set statement_timeout = 0');
  const days = Math.max(1, Math.round((Number(options.months) * 365) / 12));
  const loaded = await measureFacts(client);
  const needed = days * (loaded.facts * HEAP_BYTES_A_ROW + loaded.spanBytes + loaded.pollBytes);
  const space = (await readSpace(config)).find(({ holds }) => holds.includes('Postgres'))?.state;
  const free = space && 'freeBytes' in space ? space.freeBytes : Infinity;
  const inGb = (bytes: number) => `${(bytes / 1e9).toFixed(1)} GB`;
  console.log(
    `${days} days of ${loaded.facts} facts need ${inGb(needed)} of disk; ${inGb(free)} are free there.`,
  );
  if (needed > free) throw new Error('there is too little free disk for so many months');
  await makeHeap(client);
  await copyToHeap(client, day);
  for (let back = 1; back < days; back++) {
    await copyFacts(client, day, back);
    await copyWithinHeap(client, day, back);
    if (back % 30 === 0) console.log(`${back} of ${days} days are made`);
  }
  for (const table of ['charging_station_history', 'charging_point_history', 'connector_history'])
    await client.query(`update ${table} set valid_from = valid_from - interval '${days} days'`);
}

async function measureMade(client: pg.Client): Promise<void> {
  await client.query('set statement_timeout = 0');
  // A statement of its own: several statements in one query are one transaction, in which Postgres refuses VACUUM.
  await client.query('vacuum analyze');
  const { facts, spans, bytesAFact, bytesASpan } = await measureFacts(client);
  console.log(
    `${facts} facts in ${spans} spans: ${bytesAFact.toFixed(2)} bytes a fact, ${bytesASpan.toFixed(1)} a span.`,
  );
}

/** Measure each read on both sides in turn, after one run to warm up. */
async function measureWarm(client: pg.Client, asked: Asked, jit: boolean): Promise<Measured[]> {
  await client.query(`set jit = ${jit ? 'on' : 'off'}`);
  const measured: Measured[] = [];
  for (const { name, kind, sql } of reads) {
    const statement = (side: Side) => sql(SIDES[side], asked);
    const explained = {
      heap: await tried(client, statement('heap')),
      spans: await tried(client, statement('spans')),
    };
    const longest = Math.max(explained.heap.milliseconds, explained.spans.milliseconds);
    const times: Record<Side, number[]> = { heap: [], spans: [] };
    const runs = longest > LONG_MS ? 1 : Number(options.runs);
    for (let round = 0; round < runs; round++)
      for (const side of ['heap', 'spans'] as const)
        if (explained[side].milliseconds < Infinity) times[side].push(await timed(client, statement(side)));
    const taken = (side: Side) => ({
      ...explained[side],
      milliseconds: times[side].length > 0 ? median(times[side]) : Infinity,
    });
    measured.push({ name, kind, jit, cold: false, heap: taken('heap'), spans: taken('spans') });
    console.log(`${jit ? 'with' : 'without'} JIT: ${name}`);
  }
  return measured;
}

const QUERY_CANCELED = '57014';

async function tried(client: pg.Client, statement: string): Promise<Taken> {
  try {
    return await explain(client, statement);
  } catch (error) {
    if (!(error instanceof pg.DatabaseError && error.code === QUERY_CANCELED)) throw error;
    const buffers = { hit: NaN, read: NaN };
    return {
      milliseconds: Infinity,
      buffers,
      plan: { 'Node Type': `ended after ${READ_TIMEOUT}`, 'Actual Rows': NaN, 'Actual Loops': 1 },
    };
  }
}

async function timed(client: pg.Client, statement: string): Promise<number> {
  const started = performance.now();
  await client.query({ text: statement, rowMode: 'array' });
  return performance.now() - started;
}

/** Measure a read directly after a start of Postgres, with an empty page cache when root runs the bench. */
async function measureCold(
  open: (needs: RequiredComponents) => Promise<Installation>,
  day: string,
  { sql }: Read,
  side: Side,
): Promise<Taken> {
  const taken: Taken[] = [];
  let statement = '';
  await during(await open({ postgres: true }), (installation) =>
    connected(installation, async (client) => {
      statement = sql(SIDES[side], await chooseAsked(client, day));
    }),
  );
  await writeFile(DROP_CACHES, '3').catch(() => undefined);
  await during(await open({ postgres: true }), (installation) =>
    connected(installation, async (client) => void taken.push(await tried(client, statement))),
  );
  const [first] = taken;
  if (!first) throw new Error('nothing was read');
  return first;
}

async function report(measured: Measured[]): Promise<void> {
  for (const cold of [false, true])
    for (const jit of [false, true]) {
      const round = measured.filter((each) => each.cold === cold && each.jit === jit);
      if (round.length === 0) continue;
      console.log(`\n${cold ? 'Cold' : 'Warm'}, ${jit ? 'with' : 'without'} JIT:`);
      console.log(
        formatTable(
          [
            'read',
            'kind',
            'heap ms',
            'spans ms',
            'ratio',
            'goal',
            'heap pages',
            'spans pages',
            'heap : spans',
          ],
          round.map(({ name, kind, heap, spans }) => [
            name,
            kind,
            heap.milliseconds.toFixed(1),
            spans.milliseconds.toFixed(1),
            ratioOf({ heap, spans }).toFixed(2),
            cold ? '' : isSlow({ kind, heap, spans }) ? `missed: ${GOALS[kind]}` : String(GOALS[kind]),
            pagesOf(heap, cold),
            pagesOf(spans, cold),
            (pagesOf(heap, cold) / Math.max(1, pagesOf(spans, cold))).toFixed(2),
          ]),
        ),
      );
    }
  const slow = measured.filter((each) => !each.cold && isSlow(each));
  for (const { name, jit, spans } of slow)
    console.log(`\n${name}, ${jit ? 'with' : 'without'} JIT, on spans:\n${describePlan(spans.plan)}`);
  await writeFile(options.json, `${JSON.stringify({ options, measured }, null, 2)}\n`);
}

/**
 * Count the pages that a read used: when warm, those found in Postgres' cache and those read; when cold, those read.
 */
function pagesOf({ buffers }: Taken, cold: boolean): number {
  return cold ? buffers.read : buffers.hit + buffers.read;
}

function ratioOf({ heap, spans }: Record<Side, Taken>): number {
  return spans.milliseconds / heap.milliseconds;
}

function isSlow({ kind, heap, spans }: Record<Side, Taken> & Pick<Read, 'kind'>): boolean {
  return spans.milliseconds > NOISE_MS && ratioOf({ heap, spans }) > GOALS[kind];
}

/** Format a plan with one node per line: estimated rows, actual rows and loops. */
function describePlan(node: Explained['plan'], depth = 0): string {
  const target = node['Index Name'] ?? node['Relation Name'];
  const line = `${'  '.repeat(depth)}${node['Node Type']}${target === undefined ? '' : ` on ${target}`}: ${node['Plan Rows'] ?? '?'} rows estimated, ${node['Actual Rows']} made, ${node['Actual Loops']} loops`;
  return [line, ...(node.Plans ?? []).map((below) => describePlan(below, depth + 1))].join('\n');
}

if (options.help) console.log(USAGE);
else await run();
