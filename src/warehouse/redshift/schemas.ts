import type pg from 'pg';
import type { Load } from '../warehouse.js';
import { identifier } from './literal.js';

/**
 * The two schemas of a warehouse. Statements name tables without a schema: which warehouse they mean is told by the
 * search path. The views of schema public name those of the published one, and find whatever is called so.
 */
export interface Schemas {
  warehouse: string;
  ops: string;
}

/** The warehouse that readers see. */
export const PUBLISHED: Schemas = { warehouse: 'warehouse', ops: 'ops' };
/** The one that is being rebuilt beside it. */
export const REBUILT: Schemas = { warehouse: 'rebuilt', ops: 'rebuilt_ops' };
/** The one that a rebuilt warehouse has taken the place of. */
export const REPLACED: Schemas = { warehouse: 'replaced', ops: 'replaced_ops' };

/** The schemas that a load is meant for. */
export function schemasOf(load: Pick<Load, 'isRebuild'>): Schemas {
  return load.isRebuild ? REBUILT : PUBLISHED;
}

/** Where statements of this transaction look for tables, after the temporary ones. */
export async function searchIn(client: pg.PoolClient, ...schemas: string[]): Promise<void> {
  await client.query(`set local search_path to ${schemas.map(identifier).join(', ')}`);
}
