import pg from 'pg';
import { to as copyTo } from 'pg-copy-streams';
import type { Day } from '../../domain/day.js';
import { type ArchiveManifest, putArchiveTable } from '../../stores/archive.js';
import { inTransaction } from '../connection.js';
import { revisionOf } from '../load/archive.js';
import type { FlatSource } from '../load/dialect.js';
import { FACTS } from '../load/fact.js';

/** Write the facts of a published day to the archive. All tables are read in one snapshot of the warehouse. */
export async function archiveFacts(pool: pg.Pool, day: Day, { flat }: FlatSource) {
  return inTransaction(pool, async (client) => {
    await client.query('set transaction isolation level repeatable read, read only');
    const tables: ArchiveManifest['tables'] = {};
    for (const { view } of FACTS) {
      const { rows: counted } = await client.query<{ n: string }>(
        `select count(*) as n from ${view} where day = $1`,
        [day],
      );
      const rows = Number(counted[0]?.n);
      const csv = client.query(
        copyTo(
          `copy (select * from ${view} where day = ${pg.escapeLiteral(day)} order by 1) to stdout (format csv, header)`,
        ),
      );
      tables[view] = { rows, sha256: await putArchiveTable(flat, day, view, csv) };
      if (csv.rowCount !== rows)
        throw new Error(
          `${day} is not archived: ${view} has ${rows} rows, but ${csv.rowCount} were written. ` +
            'No fact was deleted, and archiving is tried again automatically.',
        );
    }
    return { revision: await revisionOf(client, day), tables };
  });
}
