import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openStore } from '../../../../src/stores/open.js';
import type { Store } from '../../../../src/stores/store.js';
import { openRedshiftWarehouse } from '../../../../src/warehouse/redshift/warehouse.js';
import { createDatabase } from '../../../support/database.js';
import { startS3Server, whyNoS3Server } from '../../../support/s3Server.js';
import { temporaryStores } from '../../../cleaning/support/stores.js';
import { benchOf, inOneChunk, type LoadBench, type OpenBench } from '../../support/loads.js';
import { query } from '../../support/query.js';
import { prepareStandIn, type StandIn, startStandIn } from '../standIn/standIn.js';

const FLAT = 's3://tests/flat';
export const IAM_ROLE = 'arn:aws:iam::123456789012:role/ladepuls-redshift';

/**
 * Reason why tests on the stand-in for Redshift can't run on this machine; null if they can. The stand-in reads from a
 * real S3 server.
 */
export const whyNoRedshift = await whyNoS3Server();
/** End of a suite's title. */
export const ABSENT_HINT = whyNoRedshift === null ? '' : `: skipped, ${whyNoRedshift}`;

/**
 * A warehouse on the stand-in for Redshift. `url` is the address of the Postgres behind the stand-in, which tests read
 * directly.
 */
export interface RedshiftBench extends LoadBench {
  standIn: StandIn;
  remove(): Promise<void>;
}

/**
 * Create a bench with an empty warehouse, migrated if `isMigrated`. The caller must remove it.
 *
 * Only with `isOnS3`, the flat store is on a real S3 server, and days have several chunks: for tests of loads. Requests
 * to S3 would take most of the other tests' time. Their days are one chunk each, in files under an address of S3.
 */
export async function makeRedshiftBench({ isMigrated = true, isOnS3 = false } = {}): Promise<RedshiftBench> {
  const database = await createDatabase(isMigrated ? 'redshift' : 'nothing');
  if (!isMigrated) await prepareStandIn(database.url);
  const folder = mkdtempSync(join(tmpdir(), 'ladepuls-redshift-'));
  const raw = openStore(`file:${join(folder, 'raw')}`, {}, { isAlone: true });
  const { flat, openBucket, stop } = isOnS3 ? await startS3() : filesAsS3(folder);
  const standIn = await startStandIn(database.url, { iamRole: IAM_ROLE, openBucket });
  const warehouse = openRedshiftWarehouse(standIn.url, IAM_ROLE);
  const bench = benchOf(database.url, warehouse, { raw, flat });
  return {
    ...(isOnS3 ? bench : inOneChunk(bench)),
    standIn,
    async remove() {
      await warehouse.close();
      await standIn.stop();
      await database.drop();
      await flat.close();
      await stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** A flat store, and the buckets in which the stand-in finds its objects. */
interface Buckets {
  flat: Store;
  openBucket: (bucket: string) => Store;
  stop: () => Promise<void>;
}

async function startS3(): Promise<Buckets> {
  const s3 = await startS3Server();
  await s3.bucket('tests');
  return {
    flat: openStore(FLAT, s3.env),
    openBucket: (bucket) => openStore(`s3://${bucket}`, s3.env),
    stop: () => s3.stop(),
  };
}

function filesAsS3(folder: string): Buckets {
  const openFiles = (path: string) => openStore(`file:${join(folder, path)}`, {}, { isAlone: true });
  const files = openFiles(FLAT.slice('s3://'.length));
  return {
    flat: Object.assign(Object.create(files) as Store, { url: FLAT }),
    openBucket: openFiles,
    stop: () => Promise.resolve(),
  };
}

/** Delete all rows of a warehouse, and the staging schemas that dead loads have left. The tables remain. */
export async function emptyRedshift(url: string): Promise<void> {
  const statements = await query(
    url,
    `select format('drop schema %I cascade', nspname) as statement from pg_namespace where nspname like 'staging_%'
     union all
     select 'truncate ' || string_agg(oid::regclass::text, ', ') from pg_class
     where relnamespace in ('warehouse'::regnamespace, 'ops'::regnamespace) and relkind = 'r' and pg_relation_size(oid) > 0
     having count(*) > 0`,
  );
  await query(
    url,
    'set client_min_messages = warning',
    ...statements.map(({ statement }) => String(statement)),
    'select 1',
  );
}

/** Return a function that empties the one warehouse for a test, with days of one chunk each. Decisions in schema `config` remain. */
export function reopenRedshift({ url, warehouse, flat }: RedshiftBench): OpenBench {
  return async ({ raw } = temporaryStores()) => {
    await emptyRedshift(url);
    return inOneChunk(benchOf(url, warehouse, { raw, flat }));
  };
}
