/** The migrated database of the shared Postgres that test files get copies of. Nobody may be connected to it. */
export const TEMPLATE = 'ladepuls_template';
