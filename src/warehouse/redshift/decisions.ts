import { withClient } from '../connection.js';
import { columnsOf, type Decision, type DecisionTable } from '../decisions.js';
import { UNDECIDED, type DecisionsDialect } from '../decisionTables.js';
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

/** Rows' keys must differ, which Redshift does not check. */
export const REDSHIFT_DECISIONS: DecisionsDialect = {
  withClient: (url, work) => withClient(driverUrl(url), 'ladepuls config', work),
  lock: (table) => `lock table config.${table}`,
  insert: (client, table, rows) =>
    insertRows(client, { into: `config.${table}`, columns: columnsOf(table) }, rows),
};
