import { columnsOf, type Decision, type DecisionTable } from '../decisions.js';
import type { DecisionsDialect } from '../decisionTables.js';
import { withClient } from './database.js';

/** What feeds show and nobody has decided on yet, as it is taken until then. SQL that Redshift knows too. */
export const UNDECIDED: Record<DecisionTable, string> = {
  status_group: `
    select distinct status, 'unknown' as status_group, false as is_charging from status_event
    where status not in (select status from config.status_group)`,
  operator_spelling: `
    select distinct operator_name as spelling, operator_name as operator from charging_station_history
    where operator_name is not null and operator_name not in (select spelling from config.operator_spelling)`,
};

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
