import { readFile } from 'node:fs/promises';
import pg from 'pg';
import { OWNER_CONNECTIONS, READER_CONNECTIONS } from '../../domain/connections.js';
import { inTransaction } from '../connection.js';
import { LOCK_SCHEMA, takeLock } from './locks.js';
import { CHANGED_MEANWHILE, READER } from './readers.js';
import { packageUrl } from '../../runtime/paths.js';

/** Limits of readers. */
export interface ReaderLimits {
  /** Longest duration of a statement, in milliseconds. A longer statement is cancelled. */
  statementTimeoutMs: number;
  /** Longest idle time in a transaction, in milliseconds. After that, the connection is closed. */
  idleTimeoutMs: number;
}

const BY_SUPERUSER = packageUrl('sql/postgres/readers/superuser.sql');

/** SQL state `insufficient_privilege`. */
const REFUSED = '42501';

/**
 * Set the limits of readers, as far as this user may: the number of connections, the longest statement and idle
 * transaction, and no tables of their own. Idempotent.
 *
 * A reader can raise the two times for their own session, because Postgres allows that to everybody. A reader can't
 * raise the other limits.
 *
 * Members of the readers' role do not inherit its limits. Therefore each member gets the same limits, except for those
 * that somebody has set for that member.
 */
export async function limitReaders(pool: pg.Pool, limits: ReaderLimits): Promise<void> {
  await inTransaction(pool, async (client) => {
    await takeLock(client, 'migration');
    const state = await readState(client);
    const ofMembers = (await readMembers(client)).flatMap((member) => memberChanges(member, state, limits));
    for (const statement of [...(await changesOf(state, limits)), ...ofMembers]) {
      await client.query('savepoint change');
      try {
        await client.query(statement);
      } catch (error) {
        // Another session has changed the same role at this moment. It was migrating another database of this server,
        // and made an equivalent change.
        const { code } = error as { code?: string };
        if (code !== REFUSED && code !== CHANGED_MEANWHILE) throw error;
        await client.query('rollback to change');
      }
    }
  });
}

interface State {
  database: string;
  /** Connection limit of the readers' role: -1 if unlimited, null if the role does not exist. */
  connections: number | null;
  /** Settings of the role in this database, as `name=value`. */
  settings: string[];
  possible_connections: number;
  has_temporary: boolean;
  is_owner: boolean;
  is_superuser: boolean;
  reads_locks: boolean;
}

async function readState(client: pg.PoolClient): Promise<State> {
  const { rows } = await client.query<State>(
    `select current_database() as database, role.rolconnlimit as connections, coalesce(own.setconfig, '{}') as settings,
       current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int as possible_connections,
       has_database_privilege('public', database.oid, 'temporary') as has_temporary,
       pg_has_role(database.datdba, 'usage') as is_owner,
       current_setting('is_superuser') = 'on' as is_superuser,
       coalesce(has_schema_privilege(role.oid, $2, 'usage'), false) as reads_locks
     from pg_database as database
     left join pg_roles as role on role.rolname = $1
     left join pg_db_role_setting as own on own.setrole = role.oid and own.setdatabase = database.oid
     where database.datname = current_database()`,
    [READER, LOCK_SCHEMA],
  );
  return rows[0] as State;
}

/** A login role that is a direct or indirect member of the readers' role. */
interface Member {
  name: string;
  /** Connection limit; -1 if unlimited. */
  connections: number;
  /** Names of the settings of this role. */
  settings: string[];
}

/** The owner, and roles that may become the owner, are not readers. */
async function readMembers(client: pg.PoolClient): Promise<Member[]> {
  const { rows } = await client.query<Member>(
    `with recursive member (id) as (
       select held.member from pg_auth_members held join pg_roles role on role.oid = held.roleid where role.rolname = $1
       union select held.member from pg_auth_members held join member on member.id = held.roleid
     )
     select role.rolname as name, role.rolconnlimit as connections,
       array(select split_part(setting, '=', 1) from pg_db_role_setting own, unnest(own.setconfig) setting
             where own.setrole = role.oid and own.setdatabase in (0, database.oid)) as settings
     from member join pg_roles role on role.oid = member.id
     join pg_database database on database.datname = current_database()
     where role.rolcanlogin and not role.rolsuper
       and not pg_has_role(role.oid, database.datdba, 'member') and not pg_has_role(role.oid, current_user, 'member')
     order by 1`,
    [READER],
  );
  return rows;
}

function memberChanges(member: Member, state: State, limits: ReaderLimits): string[] {
  const role = pg.escapeIdentifier(member.name);
  const database = pg.escapeIdentifier(state.database);
  const connections =
    member.connections === -1 ? [`alter role ${role} connection limit ${connectionsOf(state)}`] : [];
  const settings = Object.entries(settingsOf(limits))
    .filter(([name]) => !member.settings.includes(name))
    .map(
      ([name, value]) =>
        `alter role ${role} in database ${database} set ${name} = ${pg.escapeLiteral(value)}`,
    );
  return [...connections, ...settings];
}

async function changesOf(state: State, limits: ReaderLimits): Promise<string[]> {
  const changes: string[] = [];
  const database = pg.escapeIdentifier(state.database);
  if (state.connections !== null) {
    const connections = connectionsOf(state);
    if (state.connections !== connections)
      changes.push(`alter role ${READER} connection limit ${connections}`);
    for (const [name, value] of Object.entries(settingsOf(limits)))
      if (!state.settings.includes(`${name}=${value}`))
        changes.push(`alter role ${READER} in database ${database} set ${name} = ${pg.escapeLiteral(value)}`);
    // pg_dump as a reader needs access to every table.
    if (!state.reads_locks)
      changes.push(
        `grant usage on schema ${LOCK_SCHEMA} to ${READER}; grant select on all tables in schema ${LOCK_SCHEMA} to ${READER}`,
      );
  }
  if (state.is_owner && state.has_temporary)
    changes.push(`revoke temporary on database ${database} from public`);
  if (state.is_superuser) changes.push(await readFile(BY_SUPERUSER, 'utf8'));
  return changes;
}

/**
 * Return the number of connections that the server has left after the owner's, at most those promised to readers, and
 * at least one.
 */
function connectionsOf({ possible_connections }: State): number {
  return Math.max(1, Math.min(READER_CONNECTIONS, possible_connections - OWNER_CONNECTIONS));
}

function settingsOf({ statementTimeoutMs, idleTimeoutMs }: ReaderLimits): Record<string, string> {
  return {
    statement_timeout: String(statementTimeoutMs),
    idle_in_transaction_session_timeout: String(idleTimeoutMs),
    // This setting also matters where only a superuser could revoke large objects from everybody: from Postgres 16 on,
    // none can be created in a read-only transaction.
    default_transaction_read_only: 'on',
  };
}
