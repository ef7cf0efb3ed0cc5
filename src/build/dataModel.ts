import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cacheFolder } from '../local/cache.js';
import { resetHome } from '../local/reset.js';
import { catchShutdownSignals } from '../local/shutdownSignals.js';
import { startSupervisor } from '../local/supervisor.js';
import { readCatalog, uncommented } from '../warehouse/postgres/catalog.js';
import { openPool } from '../warehouse/postgres/database.js';
import { migrate } from '../warehouse/postgres/migrate.js';
import type { Relation } from '../warehouse/relation.js';
import { dataModelPage } from './dataModelPage.js';
import { packageUrl } from '../runtime/paths.js';

/**
 * Write docs/data-model.md from a fresh database. With `--check`, fail if the file differs. In both cases, fail if a
 * table or column has no comment.
 */
const PAGE = fileURLToPath(packageUrl('docs/data-model.md'));
const START = packageUrl('src/build/dataModelStart.md');
const SCHEMAS = ['public', 'ops', 'config'];

const say = (line: string) => process.stderr.write(`${line}\n`);

async function run(isCheck: boolean): Promise<void> {
  const relations = await freshRelations();
  const missing = uncommented(relations);
  if (missing.length > 0) {
    const statements = missing.map((what) => `  comment on ${what} is '…';`).join('\n');
    throw new Error(`Not everything has a comment in sql/postgres. Add there:\n${statements}`);
  }
  const page = dataModelPage(relations, await readFile(START, 'utf8'));
  if (!isCheck) await writeFile(PAGE, page);
  else if ((await readFile(PAGE, 'utf8').catch(() => '')) !== page) {
    throw new Error(
      'docs/data-model.md is not what the migrations make. Run "npm run docs:data-model" and commit the file.',
    );
  }
}

/** Start a temporary Postgres, migrate it, and return its relations. The Postgres is removed afterwards. */
async function freshRelations(): Promise<Relation[]> {
  const home = await mkdtemp(join(tmpdir(), 'ladepuls-data-model-'));
  const signals = catchShutdownSignals();
  try {
    const supervisor = await startSupervisor({
      home,
      mode: 'command',
      components: { postgres: { port: { port: undefined, setting: 'no setting' } } },
      cacheDir: cacheFolder(process.env.LADEPULS_CACHE, process.env),
      env: process.env,
      onProgress: () => undefined, // takes only seconds
      log: say,
      signal: signals.stop,
      hurry: signals.hurry,
    });
    try {
      return await readMigrated(supervisor.addresses.postgresUrl ?? '');
    } finally {
      await supervisor.stop();
    }
  } finally {
    await resetHome(home, say, new AbortController().signal);
    await rm(home, { recursive: true, force: true });
    signals.dispose();
  }
}

async function readMigrated(url: string): Promise<Relation[]> {
  const pool = openPool(url, 1);
  try {
    await migrate(pool);
    return await readCatalog(pool, SCHEMAS);
  } finally {
    await pool.end();
  }
}

try {
  await run(process.argv.includes('--check'));
} catch (error) {
  say(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}
