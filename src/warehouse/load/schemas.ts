import type pg from 'pg';
import { identifier } from '../literal.js';
import type { Load } from '../warehouse.js';

/**
 * Where the tables of a warehouse are. Statements name tables without a schema: the search path says which warehouse
 * they mean.
 */
export interface Schemas {
  /** Of what readers see. */
  warehouse: string;
  /** Of what was polled, and of what became of it. */
  ops: string;
}

/** The three warehouses that a database may hold. */
export interface Warehouses<S extends Schemas = Schemas> {
  /** The one that readers see. */
  published: S;
  /** The one that is being rebuilt beside it. */
  rebuilt: S;
  /** The one that a rebuilt warehouse has taken the place of. */
  replaced: S;
}

/** The schemas that a load is meant for. */
export function schemasOf<S extends Schemas>(of: Warehouses<S>, load: Pick<Load, 'isRebuild'>): S {
  return load.isRebuild ? of.rebuilt : of.published;
}

/** Says where statements of this transaction look for tables, after the temporary ones. */
export async function searchIn(client: pg.ClientBase, ...schemas: string[]): Promise<void> {
  await client.query(`set local search_path to ${schemas.map(identifier).join(', ')}`);
}
