import { schemasOf as choose, type Schemas, type Warehouses } from '../load/schemas.js';
import type { Load } from '../warehouse.js';

/** The schemas of a warehouse on Postgres. Only `observation` is ever named: its tables have names of dimensions. */
export interface PostgresSchemas extends Schemas {
  observation: string;
}

export const PUBLISHED: PostgresSchemas = { warehouse: 'public', ops: 'ops', observation: 'observation' };
export const REBUILT: PostgresSchemas = {
  warehouse: 'rebuilt',
  ops: 'rebuilt_ops',
  observation: 'rebuilt_observation',
};
export const REPLACED: PostgresSchemas = {
  warehouse: 'replaced',
  ops: 'replaced_ops',
  observation: 'replaced_observation',
};
export const WAREHOUSES: Warehouses<PostgresSchemas> = {
  published: PUBLISHED,
  rebuilt: REBUILT,
  replaced: REPLACED,
};

/** The schemas that a load is meant for. */
export function schemasOf(load: Pick<Load, 'isRebuild'>): PostgresSchemas {
  return choose(WAREHOUSES, load);
}
