import { withClient } from '../postgres/database.js';
import { UNDECIDED } from '../postgres/decisions.js';
import { columnsOf, type Decision, type DecisionTable } from '../decisions.js';
import { driverUrl } from './database.js';
import { insertRows } from './insert.js';

/** A table of schema `config`, by its key, with what feeds show and nobody has decided on. */
export async function readDecisions(url: string, table: DecisionTable): Promise<Decision[]> {
  return withClient(driverUrl(url), 'ladepuls config', async (client) => {
    const columns = columnsOf(table).join(', ');
    const { rows } = await client.query<Decision>(
      `select ${columns} from (select ${columns} from config.${table} union all ${UNDECIDED[table]}) as decision
       order by ${columnsOf(table)[0]}`,
    );
    return rows;
  });
}

/**
 * Replaces a table of schema `config`: with its whole content or, where one row is refused, not at all. The rows' keys must
 * differ, which Redshift does not check.
 */
export async function replaceDecisions(
  url: string,
  table: DecisionTable,
  decisions: Decision[],
): Promise<void> {
  await withClient(driverUrl(url), 'ladepuls config', async (client) => {
    const columns = columnsOf(table);
    await client.query('begin');
    // Whoever replaces it at the same time waits; readers do not.
    await client.query(`lock table config.${table}`);
    await client.query(`delete from config.${table}`);
    await insertRows(client, { into: `config.${table}`, columns }, decisions);
    await client.query('commit');
  });
}
