import type { Schemas, Warehouses } from '../load/schemas.js';

/**
 * Schemas of the published warehouse. The views of schema `public` name these schemas, and read the schemas that have
 * these names at the time of the query.
 */
export const PUBLISHED: Schemas = { warehouse: 'warehouse', ops: 'ops' };
export const REBUILT: Schemas = { warehouse: 'rebuilt', ops: 'rebuilt_ops' };
export const REPLACED: Schemas = { warehouse: 'replaced', ops: 'replaced_ops' };
export const WAREHOUSES: Warehouses = { published: PUBLISHED, rebuilt: REBUILT, replaced: REPLACED };
