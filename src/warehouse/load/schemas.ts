import type pg from 'pg';
import { identifier } from '../literal.js';
import type { Load } from '../warehouse.js';

/** Schemas of one warehouse. Statements name tables without a schema; the search path selects the warehouse. */
export interface Schemas {
  /** Schema of the tables and views that readers query. */
  warehouse: string;
  /** Schema of the records about polls and loads. */
  ops: string;
}

/** The three warehouses that a database may hold. */
export interface Warehouses<S extends Schemas = Schemas> {
  /** The warehouse that readers query. */
  published: S;
  /** The warehouse that is being rebuilt beside the published one. */
  rebuilt: S;
  /** The former published warehouse, after a rebuilt warehouse has replaced it. */
  replaced: S;
}

/** Return the schemas of the warehouse that a load is for. */
export function schemasOf<S extends Schemas>(of: Warehouses<S>, load: Pick<Load, 'isRebuild'>): S {
  return load.isRebuild ? of.rebuilt : of.published;
}

/** Set the schemas in which this transaction looks for tables, after temporary tables. */
export async function searchIn(client: pg.ClientBase, ...schemas: string[]): Promise<void> {
  await client.query(`set local search_path to ${schemas.map(identifier).join(', ')}`);
}
