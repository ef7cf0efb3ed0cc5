import type { Load } from '../warehouse.js';

/** The schema that a load is built in. Its tables are named new_… and found by the search path. */
export function asideSchema(load: Load): string {
  // Room for a UUID and what follows it: every round of a workflow has a schema of its own.
  const run = load.run
    .replaceAll(/[^A-Za-z0-9]/g, '')
    .slice(0, 40)
    .toLowerCase();
  return `aside_${load.day.replaceAll('-', '')}_${run}`;
}
