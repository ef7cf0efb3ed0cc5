import type { Load } from '../warehouse.js';

/**
 * The three schemas of a warehouse. Statements name tables without a schema: which warehouse they mean is told by the
 * search path. (Only `observation` is named, because its tables have names of dimensions.)
 */
export interface Schemas {
  public: string;
  ops: string;
  observation: string;
}

/** The warehouse that readers see. */
export const PUBLISHED: Schemas = { public: 'public', ops: 'ops', observation: 'observation' };
/** The one that is being rebuilt beside it. */
export const REBUILT: Schemas = {
  public: 'rebuilt',
  ops: 'rebuilt_ops',
  observation: 'rebuilt_observation',
};

/** Where the tables go that a rebuilt warehouse has taken the place of, until nobody reads them any more. */
export const REPLACED: Schemas = {
  public: 'replaced',
  ops: 'replaced_ops',
  observation: 'replaced_observation',
};

/** The schemas that a load is meant for. */
export function schemasOf(load: Pick<Load, 'isRebuild'>): Schemas {
  return load.isRebuild ? REBUILT : PUBLISHED;
}
