import { connect } from 'node:net';
import { join } from 'node:path';
import { Connection } from '@temporalio/client';
import type { Guard } from './guardClient.js';
import { readLogFrom } from './logFile.js';
import { LOOPBACK, startOnPorts, type PortWish } from './ports.js';
import { ProcessFailed, SupervisedProcess, type SupervisedSpec } from './supervisedProcess.js';
import { registerSearchAttributes, setRetention, type SearchAttributeTypes } from './temporalNamespace.js';

interface TemporalServerOptions {
  home: string;
  /** Path of Temporal's command line. */
  binary: string;
  /** Absent: no Web UI. */
  uiPort?: PortWish;
  port: PortWish;
  /** Custom search attributes of the namespace `default`, by name. */
  searchAttributes: SearchAttributeTypes;
  guard: Guard;
  log: (line: string) => void;
  signal: AbortSignal;
}

interface TemporalServer {
  process: SupervisedProcess;
  /** `host:port` */
  address: string;
  uiUrl?: string;
}

/** How long the histories of closed runs can be looked at. The dev server's own default is one day. */
const RETENTION_DAYS = 30;
const READY_TIMEOUT_MS = 60_000;
const STOP_GRACE_MS = 10_000;
const PROBE_TIMEOUT_MS = 2_000;
/** Of all that must end, the server ends after those who use it, see {@link file://./supervisor.ts}. */
const STOP_ORDER = 100;
const MAX_RESTARTS = 8;

/** Starts Temporal's dev server on `<home>/temporal.db` and prepares its namespace `default`. */
export async function startTemporal(options: TemporalServerOptions): Promise<TemporalServer> {
  const { port, uiPort, guard, log, signal } = options;
  const wishes = { port, ...(uiPort ? { uiPort } : {}) } as Record<'port' | 'uiPort', PortWish>;
  return startOnPorts(
    wishes,
    async (ports) => {
      const address = `${LOOPBACK}:${ports.port}`;
      const ui = uiPort ? ports.uiPort : null;
      const process = await SupervisedProcess.start(
        guard,
        temporalSpec(options, ports.port, ui),
        log,
        signal,
      );
      await prepareNamespace(address, options.searchAttributes, signal);
      return { process, address, ...(ui === null ? {} : { uiUrl: `http://${LOOPBACK}:${ui}` }) };
    },
    (error) => error instanceof ProcessFailed,
  );
}

function temporalSpec(
  { home, binary }: TemporalServerOptions,
  port: number,
  uiPort: number | null,
): SupervisedSpec {
  const logFile = join(home, 'logs', 'temporal.log');
  const ui = uiPort === null ? ['--headless'] : ['--ui-port', String(uiPort), '--ui-disable-news-fetch'];
  const database = join(home, 'temporal.db');
  return {
    name: 'temporal',
    command: binary,
    args: ['server', 'start-dev', '--db-filename', database, '--ip', LOOPBACK, '--port', String(port), ...ui],
    cwd: home,
    // The machine's own Temporal settings are for clients; the server needs none.
    env: { HOME: home, TZ: 'UTC' },
    logFile,
    stopSteps: [{ signal: 'SIGTERM', graceMs: STOP_GRACE_MS }],
    stopOrder: STOP_ORDER,
    // Its banner tells that it is this server that got the ports, and not another one that answers there.
    isReady: async ({ logOffset }) =>
      readLogFrom(logFile, logOffset).includes('Temporal Server:') &&
      (await serves(`${LOOPBACK}:${port}`)) &&
      (uiPort === null || (await accepts(uiPort))),
    readyTimeoutMs: READY_TIMEOUT_MS,
    maxRestarts: MAX_RESTARTS,
  };
}

async function serves(address: string): Promise<boolean> {
  const connection = await Connection.connect({ address, connectTimeout: PROBE_TIMEOUT_MS });
  try {
    await connection.withDeadline(Date.now() + PROBE_TIMEOUT_MS, () =>
      connection.workflowService.describeNamespace({ namespace: 'default' }),
    );
    return true;
  } finally {
    await connection.close();
  }
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: LOOPBACK, timeout: PROBE_TIMEOUT_MS });
    const finish = (accepted: boolean) => {
      socket.destroy();
      resolve(accepted);
    };
    socket
      .once('connect', () => finish(true))
      .once('error', () => finish(false))
      .once('timeout', () => finish(false));
  });
}

async function prepareNamespace(
  address: string,
  types: SearchAttributeTypes,
  signal: AbortSignal,
): Promise<void> {
  const connection = await Connection.connect({ address });
  try {
    await setRetention(connection, 'default', RETENTION_DAYS);
    await registerSearchAttributes(connection, 'default', types, signal);
  } finally {
    await connection.close();
  }
}
