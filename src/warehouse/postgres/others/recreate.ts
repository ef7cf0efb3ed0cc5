import pg from 'pg';
import { REPLACED } from '../schemas.js';
import { attempt, runAll } from './attempt.js';
import { type Foreign, qualified } from './foreign.js';
import type { Loss } from './notRecreated.js';

/**
 * Schema in which a materialized view is filled before it replaces the old one. It exists within a transaction only.
 */
const FILLING = 'ladepuls_filling';

const inSchema = (schema: string, name: string) => `${schema}.${name}`;

/** Return the statements that create an object in a schema, without comments and grants. */
function creation(foreign: Foreign, schema: string): string[] {
  if (foreign.kind === 'routine') return [foreign.body];
  const options = foreign.options === null ? '' : ` with (${foreign.options})`;
  const noData = foreign.kind === 'view' ? '' : ' with no data';
  return [
    `create ${foreign.kind} ${inSchema(schema, foreign.name)}${options} as ${foreign.body}${noData}`,
    ...foreign.columns
      .filter(({ preset }) => preset !== null)
      .map(
        ({ name, preset }) =>
          `alter view ${inSchema(schema, foreign.name)} alter column ${name} set default ${preset ?? ''}`,
      ),
    `alter ${foreign.kind} ${inSchema(schema, foreign.name)} owner to ${pg.escapeIdentifier(foreign.owner)}`,
  ];
}

/**
 * Return the statements for comments and grants. The grants are those of the old object only, without default
 * privileges.
 */
function furnishing(foreign: Foreign, schema: string): string[] {
  const at = inSchema(schema, foreign.name);
  const comments = [
    ...(foreign.comment === null
      ? []
      : [`comment on ${foreign.kind} ${at} is ${pg.escapeLiteral(foreign.comment)}`]),
    ...foreign.columns.flatMap(({ name, comment }) =>
      comment === null ? [] : [`comment on column ${at}.${name} is ${pg.escapeLiteral(comment)}`],
    ),
  ];
  const grants = foreign.grants.map(
    ({ privilege, column, grantee, isGrantable }) =>
      `grant ${privilege}${column === null ? '' : ` (${column})`} on ${onKind(foreign)} ${at} to ${grantee}` +
      (isGrantable ? ' with grant option' : ''),
  );
  return [...comments, ...grants];
}

const onKind = ({ kind }: Foreign) => (kind === 'routine' ? 'routine' : 'table');

/** Return all statements that create an object in its own schema, for people to run. */
function script(foreign: Foreign): string {
  const { schema, attached, indexes, isPopulated, name } = foreign;
  const path = indexes.length === 0 ? [] : [`set search_path = ${schema}`];
  return [
    ...creation(foreign, schema),
    ...path,
    ...indexes,
    ...(path.length === 0 ? [] : ['reset search_path']),
    ...furnishing(foreign, schema),
    ...attached.map(({ definition }) => definition),
    ...(isPopulated && foreign.kind === 'materialized view'
      ? [`refresh materialized view ${inSchema(schema, name)}`]
      : []),
  ]
    .map((statement) => `${statement};\n`)
    .join('');
}

/**
 * Recreate a view or routine, which then reads the tables that are published now.
 *
 * @returns the object, grants, triggers and rules that could not be recreated. If the object is among them, the old
 *   object remains as long as the tables that it reads.
 */
export async function recreate(client: pg.PoolClient, foreign: Foreign): Promise<Loss[]> {
  const isReplaced = foreign.kind !== 'routine' || foreign.hasReplacedTypes;
  const reason = await attempt(client, async () => {
    if (isReplaced) await moveAside(client, foreign);
    await runAll(client, isReplaced ? creation(foreign, foreign.schema) : [foreign.body]);
    if (isReplaced && foreign.kind === 'routine')
      await client.query(
        `alter routine ${inSchema(foreign.schema, foreign.name)} owner to ${pg.escapeIdentifier(foreign.owner)}`,
      );
  });
  if (reason !== null) return [lossOf(foreign, reason)];
  if (!isReplaced) return [];
  return [
    ...(await furnish(client, foreign, foreign.schema)),
    ...(await eachAttempted(
      client,
      foreign.attached.map(({ kind, name, definition }) => ({ kind, name, statement: definition })),
    )),
  ];
}

/**
 * Fill a new materialized view beside the old one, and replace the old one by it. Return the same as {@link recreate}.
 */
export async function refill(client: pg.PoolClient, foreign: Foreign, lockWait: string): Promise<Loss[]> {
  const { schema, name, owner } = foreign;
  let losses: Loss[] = [];
  const reason = await attempt(client, async () => {
    await runAll(client, [
      `create schema ${FILLING}`,
      `grant usage, create on schema ${FILLING} to ${pg.escapeIdentifier(owner)}`,
      ...creation(foreign, FILLING),
      `set local search_path = ${FILLING}, ${schema}`,
      ...foreign.indexes,
      `set local search_path = ''`,
    ]);
    losses = await furnish(client, foreign, FILLING);
    if (foreign.isPopulated)
      await runAll(client, [
        `refresh materialized view ${inSchema(FILLING, name)}`,
        `analyze ${inSchema(FILLING, name)}`,
      ]);
    await client.query(`set local lock_timeout = '${lockWait}'`);
    await moveAside(client, foreign);
    await runAll(client, [
      `alter materialized view ${inSchema(FILLING, name)} set schema ${schema}`,
      `drop schema ${FILLING}`,
    ]);
  });
  return reason === null ? losses : [lossOf(foreign, reason)];
}

async function furnish(client: pg.PoolClient, foreign: Foreign, schema: string): Promise<Loss[]> {
  const { rows } = await client.query<{ statement: string }>(defaultGrants(foreign), [
    inSchema(schema, foreign.name),
  ]);
  await runAll(
    client,
    rows.map(({ statement }) => statement),
  );
  return eachAttempted(
    client,
    furnishing(foreign, schema).map((statement) => ({
      kind: statement.startsWith('grant') ? 'grant' : 'comment',
      name: qualified(foreign),
      statement,
    })),
  );
}

/**
 * Return a query for the statements that revoke the default privileges on a new object. Its parameter is the object's
 * name.
 */
function defaultGrants(foreign: Foreign): string {
  const acl =
    foreign.kind === 'routine'
      ? `select proowner as owner, coalesce(proacl, acldefault('f', proowner)) as acl from pg_proc where oid = $1::text::regprocedure`
      : `select relowner as owner, relacl as acl from pg_class where oid = $1::text::regclass`;
  return `select distinct format('revoke all on ${onKind(foreign)} %s from %s', $1::text,
      case grantee when 0 then 'public' else quote_ident(pg_get_userbyid(grantee)) end) as statement
    from (${acl}) as made cross join lateral aclexplode(made.acl) where grantee <> made.owner`;
}

/** Run each statement after a savepoint of its own. Return those that the database refused. */
export async function eachAttempted(
  client: pg.PoolClient,
  statements: { kind: string; name: string; statement: string }[],
): Promise<Loss[]> {
  const losses: Loss[] = [];
  for (const { kind, name, statement } of statements) {
    const reason = await attempt(client, () => client.query(statement));
    if (reason !== null) losses.push({ kind, name, reason, definition: `${statement};`, pending: null });
  }
  return losses;
}

/** Move the old object to the schema of the replaced tables, unless it was moved there with its schema. */
async function moveAside(client: pg.PoolClient, { kind, oid, schema }: Foreign): Promise<void> {
  const { rows } = await client.query<{ schema: string; at: string; arguments: string }>(
    kind === 'routine'
      ? `select quote_ident(nspname) as schema, pg_proc.oid::regprocedure::text as at,
           '(' || pg_get_function_identity_arguments(pg_proc.oid) || ')' as arguments
         from pg_proc join pg_namespace on pg_namespace.oid = pronamespace where pg_proc.oid = $1`
      : `select quote_ident(nspname) as schema, pg_class.oid::regclass::text as at, '' as arguments
         from pg_class join pg_namespace on pg_namespace.oid = relnamespace where pg_class.oid = $1`,
    [oid],
  );
  const [old] = rows;
  if (old?.schema !== schema) return;
  await runAll(client, [
    `alter ${kind} ${old.at} rename to replaced_${oid}`,
    `alter ${kind} ${inSchema(schema, `replaced_${oid}`)}${old.arguments} set schema ${REPLACED.warehouse}`,
  ]);
}

/** Return the loss of a whole object. */
export function lossOf(foreign: Foreign, reason: string): Loss {
  return { kind: foreign.kind, name: qualified(foreign), reason, definition: script(foreign), pending: null };
}
