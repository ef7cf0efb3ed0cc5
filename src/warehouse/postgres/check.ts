import type pg from 'pg';
import { type Check, OF_FACTS, OF_LEDGER, verify } from '../load/check.js';
import type { Load } from '../warehouse.js';

const CHECKS: Check[] = [
  OF_LEDGER,
  {
    promise: 'new_charging_point_run: a charging point has a station',
    sql: `
      select count(*) as broken from new_charging_point_run p
      where not exists (select from new_charging_station_run s where s.id_cs = p.id_cs)`,
  },
  {
    promise: 'new_connector_run: a connector has a charging point',
    sql: `
      select count(*) as broken from new_connector_run c
      where not exists (select from new_charging_point_run p where p.id_cp = c.id_cp)`,
  },
];

/**
 * Verifies the load's promises, but for those of {@link FACT_CHECKS}. Call where its tables are found. Throws LoadRefused,
 * which names the broken one.
 */
export async function checkAside(client: pg.PoolClient, load: Load): Promise<void> {
  for (const check of CHECKS) if (!(check.comparesFacts && load.withoutFacts)) await verify(client, check);
}

/** The promises about all facts: each may be verified on a connection of its own. Throw LoadRefused. */
export const FACT_CHECKS = OF_FACTS.map((check) => (client: pg.PoolClient) => verify(client, check));
