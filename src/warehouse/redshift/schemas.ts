import type { Schemas, Warehouses } from '../load/schemas.js';

/** The views of schema public name the schemas of the published warehouse, and find whatever is called so. */
export const PUBLISHED: Schemas = { warehouse: 'warehouse', ops: 'ops' };
export const REBUILT: Schemas = { warehouse: 'rebuilt', ops: 'rebuilt_ops' };
export const REPLACED: Schemas = { warehouse: 'replaced', ops: 'replaced_ops' };
export const WAREHOUSES: Warehouses = { published: PUBLISHED, rebuilt: REBUILT, replaced: REPLACED };
