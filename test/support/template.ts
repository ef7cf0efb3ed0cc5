/** The migrated databases on the shared Postgres that test files get copies of. Nobody may be connected to them. */
export const TEMPLATES = { warehouse: 'ladepuls_template', redshift: 'ladepuls_redshift_template' };
