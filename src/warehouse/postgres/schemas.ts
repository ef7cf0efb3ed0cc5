import { schemasOf as choose, type Schemas, type Warehouses } from '../load/schemas.js';
import type { Load } from '../warehouse.js';

/**
 * Schemas of a warehouse on Postgres. Statements name only the schema `observation`, because some of its tables have
 * the names of dimensions.
 */
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

/** Return the schemas of the warehouse that a load is for. */
export function schemasOf(load: Pick<Load, 'isRebuild'>): PostgresSchemas {
  return choose(WAREHOUSES, load);
}
