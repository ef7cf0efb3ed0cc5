/**
 * The rooms of src/, from the inside out, and which others each of them imports. Besides these, a room may import
 * `runtime`. Entry points, `commands` and `app` put the rooms together, and may import all of them; `build` and
 * `simulation/demo` stand apart. The linter refuses other imports; a test holds this list and docs/architecture.md
 * against the imports that there are.
 */
export const ROOMS = {
  runtime: [],
  domain: [],
  quality: ['domain'],
  sources: ['domain'],
  settings: ['domain', 'sources'],
  temporal: ['domain', 'settings'],
  stores: ['domain', 'sources', 'settings'],
  importing: ['domain', 'sources', 'stores'],
  cleaning: ['domain', 'sources', 'stores'],
  intake: ['domain', 'sources', 'cleaning'],
  warehouse: ['domain', 'quality', 'stores', 'settings'],
  activities: ['domain', 'sources', 'settings', 'stores', 'cleaning', 'intake', 'warehouse'],
  // Of temporal the names, of activities the types: what else there is would break the replay.
  workflows: ['domain', 'temporal', 'activities'],
  local: ['domain', 'temporal'],
  'simulation/feed': ['domain'],
  'serving/ui': ['domain'],
  'serving/exchange': ['domain', 'warehouse'],
  'serving/reports': ['domain', 'warehouse', 'serving/ui'],
  'serving/web': ['domain', 'warehouse', 'serving/ui', 'serving/exchange'],
  'serving/exporting': ['domain', 'stores', 'warehouse', 'serving/exchange'],
};
