import type pg from 'pg';
import { LoadRefused } from '../../warehouse.js';
import { PUBLISHED } from '../schemas.js';
import type { Dependent } from './dependents.js';
import { type Foreign, qualified } from './foreign.js';
import type { Inhabitant } from './inhabitants.js';
import { madeByMigrations } from './migrated.js';

/** Objects of other people that are examined before anything changes. */
export interface Found {
  dependents: Dependent[];
  foreign: Foreign[];
  inhabitants: Inhabitant[];
}

/** Greatest number of objects that one message names. */
const NAMED = 20;

/**
 * Check that an exchange would not destroy other people's rows, or objects that nobody could recreate afterwards.
 *
 * @param options.isBegin whether the rebuild only begins. Then the current role's missing right to recreate a view is
 *   an obstacle too. Later, after days of work, such a view is only listed.
 * @throws LoadRefused when there are obstacles; the message names each object and says what to do
 */
export async function refuseObstacles(
  client: pg.PoolClient,
  { dependents, foreign, inhabitants }: Found,
  { isBegin }: { isBegin: boolean },
): Promise<void> {
  const obstacles = [
    ...(await findCollisions(client)),
    ...(await findChildren(client)),
    ...dependents.flatMap(destroyed),
    ...inhabitants
      .filter(({ isOurs }) => !isOurs)
      .map(
        ({ kind, name }) => `the ${kind} ${name}, which belongs to another role: move it to another schema`,
      ),
    ...(isBegin ? foreign.filter(({ isOurs }) => !isOurs).map(unmakeable(await currentUser(client))) : []),
  ];
  if (obstacles.length === 0) return;
  const more = obstacles.length > NAMED ? `; and ${obstacles.length - NAMED} more` : '';
  throw new LoadRefused(
    "the warehouse is not rebuilt, because replacing its tables would destroy other people's objects: " +
      `${obstacles.slice(0, NAMED).join('; ')}${more}. Nothing was changed. After that, run "ladepuls rebuild" again.`,
  );
}

async function currentUser(client: pg.PoolClient): Promise<string> {
  const { rows } = await client.query<{ user: string }>('select quote_ident(current_user) as user');
  return rows[0]?.user ?? '';
}

const unmakeable = (user: string) => (foreign: Foreign) =>
  `the ${foreign.kind} ${qualified(foreign)}, which ${user} may not create again: grant the role ${foreign.owner} to ` +
  `${user}, and the privilege create on schema ${foreign.schema}; or save its definition, and drop it`;

/** Return obstacles of dependents: rows of other people's tables, and policies that protect such tables. */
function destroyed({ catalog, relkind, column, kind, name, isOurs }: Dependent): string[] {
  if (catalog === 'pg_class' && column > 0)
    return [`the ${kind} ${name}, whose type is that of a row of the warehouse: change its type to jsonb`];
  if (catalog === 'pg_class' && !['v', 'm'].includes(relkind))
    return [`the ${kind} ${name}, which depends on a table of the warehouse: end its inheritance`];
  if (catalog === 'pg_policy' && !isOurs)
    return [`the policy ${name}, which reads the warehouse and protects a table of another role: drop it`];
  return [];
}

/** Find tables of other people that are partitions of the warehouse's tables. */
async function findChildren(client: pg.PoolClient): Promise<string[]> {
  const { rows } = await client.query<{ name: string }>(
    `select inhrelid::regclass::text as name from pg_inherits
     join pg_class on pg_class.oid = inhrelid and relkind in ('r', 'p', 'f')
     where inhparent in (select oid from pg_temp.own) and inhrelid not in (select oid from pg_temp.own) and relispartition
     order by 1`,
  );
  return rows.map(({ name }) => `the partition ${name} of a table of the warehouse: detach it`);
}

/**
 * Find relations of other people whose names the rebuilt warehouse needs, because migrations that the published
 * warehouse lacks create relations of that name.
 */
async function findCollisions(client: pg.PoolClient): Promise<string[]> {
  const { rows } = await client.query<{ version: number }>(
    `select coalesce(max(version), 0)::int as version from ${PUBLISHED.warehouse}.schema_version`,
  );
  const published = rows[0]?.version ?? 0;
  const before = new Set(madeByMigrations({ to: published }));
  const later = madeByMigrations({ from: published + 1 }).filter((name) => !before.has(name));
  const { rows: taken } = await client.query<{ name: string }>(
    `select name from unnest($1::text[]) as name where to_regclass(name) is not null order by 1`,
    [later],
  );
  return taken.map(
    ({ name }) =>
      `${name}, whose name this version of Ladepuls needs for a table or view of its own: rename it`,
  );
}
