import { columnsOf, type Decision, type DecisionTable } from '../decisions.js';
import { type DecisionsDialect, UNDECIDED } from '../decisionTables.js';
import { withClient } from '../connection.js';

/** A table of schema `config`, by its key, with what feeds show and nobody has decided on. */
export async function readDecisions(url: string, table: DecisionTable): Promise<Decision[]> {
  return withClient(url, 'ladepuls config', async (client) => {
    const columns = columnsOf(table).join(', ');
    const { rows } = await client.query<Decision>(
      `select ${columns} from (select ${columns} from config.${table} union all ${UNDECIDED[table]}) as decision
       order by ${columnsOf(table)[0]} collate "C"`,
    );
    return rows;
  });
}

export const POSTGRES_DECISIONS: DecisionsDialect = {
  withClient: (url, work) => withClient(url, 'ladepuls config', work),
  lock: (table) => `lock table config.${table} in share row exclusive mode`,
  insert: async (client, table, rows) => {
    await client.query(
      `insert into config.${table} select * from jsonb_populate_recordset(null::config.${table}, $1)`,
      [JSON.stringify(rows)],
    );
  },
};
