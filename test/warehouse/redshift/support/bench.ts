import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openStore } from '../../../../src/stores/open.js';
import { openRedshiftWarehouse } from '../../../../src/warehouse/redshift/warehouse.js';
import { createDatabase } from '../../../support/database.js';
import { startS3Server, whyNoS3Server } from '../../../support/s3Server.js';
import { temporaryStores } from '../../../cleaning/support/stores.js';
import { benchOf, inOneChunk, type LoadBench, type OpenBench } from '../../support/loads.js';
import { query } from '../../support/query.js';
import { prepareStandIn, type StandIn, startStandIn } from '../standIn/standIn.js';

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
 * Create a bench with an empty warehouse, migrated if `isMigrated`. Days are one chunk each unless `hasChunks`, because
 * most of a load's time in a test goes to requests to S3. The caller must remove the bench.
 */
export async function makeRedshiftBench({
  isMigrated = true,
  hasChunks = false,
} = {}): Promise<RedshiftBench> {
  const database = await createDatabase(isMigrated ? 'redshift' : 'nothing');
  if (!isMigrated) await prepareStandIn(database.url);
  const s3 = await startS3Server();
  await s3.bucket('tests');
  const folder = mkdtempSync(join(tmpdir(), 'ladepuls-redshift-'));
  const raw = openStore(`file:${join(folder, 'raw')}`);
  const flat = openStore('s3://tests/flat', s3.env);
  const standIn = await startStandIn(database.url, { iamRole: IAM_ROLE, env: s3.env });
  const warehouse = openRedshiftWarehouse(standIn.url, IAM_ROLE);
  const bench = benchOf(database.url, warehouse, { raw, flat });
  return {
    ...(hasChunks ? bench : inOneChunk(bench)),
    standIn,
    async remove() {
      await warehouse.close();
      await standIn.stop();
      await database.drop();
      await flat.close();
      await s3.stop();
      rmSync(folder, { recursive: true, force: true });
    },
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
