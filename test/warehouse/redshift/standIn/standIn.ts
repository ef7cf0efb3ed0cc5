import { once } from 'node:events';
import { connect, createServer, type AddressInfo } from 'node:net';
import { openPool } from '../../../../src/warehouse/postgres/database.js';
import type { Store } from '../../../../src/stores/store.js';
import { Objects } from './objects.js';
import { Session } from './session.js';
import { PREPARE } from './translate.js';

export interface StandIn {
  /** Address for Ladepuls, `redshift://…`. */
  url: string;
  /** All distinct statements that were sent, in order. */
  statements: ReadonlySet<string>;
  /**
   * Called with each statement before it runs. If it throws, the client gets the error as the server's error. Null at
   * first, which does nothing.
   */
  onStatement: ((statement: string) => void | Promise<void>) | null;
  stop(): Promise<void>;
}

/** Prepare an empty Postgres database for a stand-in, once. */
export async function prepareStandIn(databaseUrl: string): Promise<void> {
  const pool = openPool(databaseUrl, 1);
  for (const statement of PREPARE) await pool.query(statement);
  await pool.end();
}

/**
 * Start a stand-in for Redshift on 127.0.0.1. It uses the Postgres protocol, as Redshift does, and passes statements
 * that both support to a Postgres database. It translates statements that only Redshift has. COPY reads its manifest
 * and files from S3, and UNLOAD writes to S3. The stand-in refuses statements that Redshift refuses
 * (`sql/redshift/denied.yaml`).
 *
 * @param databaseUrl address of a Postgres database after {@link prepareStandIn}
 * @param options.iamRole role that COPY must name
 * @param options.openBucket opens the store of a bucket on S3
 */
export async function startStandIn(
  databaseUrl: string,
  { iamRole, openBucket }: { iamRole: string; openBucket: (bucket: string) => Store },
): Promise<StandIn> {
  const { hostname, port } = new URL(databaseUrl);
  const statements = new Set<string>();
  const sessions = new Set<Session>();
  const objects = new Objects(openBucket);
  const server = createServer({ noDelay: true }, (client) => {
    const upstream = connect({ port: Number(port), host: hostname, noDelay: true });
    const session = new Session(client, upstream, {
      iamRole,
      objects,
      async onStatement(statement) {
        statements.add(statement);
        await standIn.onStatement?.(statement);
      },
    });
    sessions.add(session);
    client.on('close', () => sessions.delete(session));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const standIn: StandIn = {
    url: standInUrl(databaseUrl, (server.address() as AddressInfo).port),
    statements,
    onStatement: null,
    async stop() {
      const closed = once(server, 'close');
      server.close();
      for (const session of sessions) session.end();
      await closed;
      await objects.close();
    },
  };
  return standIn;
}

function standInUrl(databaseUrl: string, port: number): string {
  const { username, password, pathname } = new URL(databaseUrl);
  return `redshift://${username}:${password}@127.0.0.1:${port}${pathname}`;
}
