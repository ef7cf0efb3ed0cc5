import { connect } from 'node:net';
import { join } from 'node:path';
import { Connection } from '@temporalio/client';
import { logSize, readLogFrom } from './logFile.js';
import { LOOPBACK, startOnPorts, type PortWish } from './ports.js';
import {
  ProcessFailed,
  SupervisedProcess,
  type SupervisedSpec,
  type Supervision,
} from './supervisedProcess.js';
import { isNoDatabase, setAside, tellsOfCorruption } from './temporalFile.js';
import { registerSearchAttributes, setRetention, type SearchAttributeTypes } from '../temporal/namespace.js';

interface TemporalServerOptions {
  home: string;
  /** Path of Temporal's command line. */
  binary: string;
  /** Port of the Web UI. If absent, there is no Web UI. */
  uiPort?: PortWish;
  port: PortWish;
  /** Custom search attributes of the namespace `default`, by name. */
  searchAttributes: SearchAttributeTypes;
  /** Called when a running server lost its database file and is ready with a new one, which holds no schedules. */
  onRenewed: () => void;
  supervision: Supervision;
  maxRestarts: number;
}

interface TemporalServer {
  process: SupervisedProcess;
  /** `host:port` */
  address: string;
  uiUrl?: string;
}

/** Days for which the histories of closed workflow runs are kept. The dev server's own default is one day. */
const RETENTION_DAYS = 30;
const READY_TIMEOUT_MS = 60_000;
const STOP_GRACE_MS = 10_000;
const PROBE_TIMEOUT_MS = 2_000;
/** Long, because a ready server may respond slowly on a busy machine. */
const ALIVE_TIMEOUT_MS = 8_000;
/** The server is stopped after the processes that use it, see {@link file://./supervisor.ts}. */
const STOP_ORDER = 100;

/**
 * Start Temporal's dev server on `<home>/temporal.db` and prepare its namespace `default`.
 *
 * @throws PortTaken when a fixed port is not free
 * @throws ProcessFailed when the server ends or is not ready in time
 */
export async function startTemporal(options: TemporalServerOptions): Promise<TemporalServer> {
  const { port, uiPort, supervision } = options;
  const wishes = { port, ...(uiPort ? { uiPort } : {}) } as Record<'port' | 'uiPort', PortWish>;
  const file = new TemporalFile(options);
  return startOnPorts(
    wishes,
    async (ports) => {
      const address = `${LOOPBACK}:${ports.port}`;
      const ui = uiPort ? ports.uiPort : null;
      const spec = temporalSpec(options, file, ports.port, ui);
      const process = await SupervisedProcess.start(spec, supervision);
      file.isFirst = false;
      return { process, address, ...(ui === null ? {} : { uiUrl: `http://${LOOPBACK}:${ui}` }) };
    },
    (error) => error instanceof ProcessFailed,
  );
}

/** The server's database file. A corrupt file is set aside, and a new one is prepared. */
class TemporalFile {
  /** True until the server was ready once. */
  isFirst = true;
  private isPrepared = false;
  private corrupt = false;
  /** Bytes of the log that were read. */
  private logOffset: number;
  readonly path: string;
  readonly logFile: string;

  constructor(private readonly options: TemporalServerOptions) {
    this.path = join(options.home, 'temporal.db');
    this.logFile = join(options.home, 'logs', 'temporal.log');
    this.logOffset = logSize(this.logFile);
  }

  /** Whether the log tells of a corrupt file since the last start of the server. */
  isCorrupt(): boolean {
    const from = this.logOffset;
    this.logOffset = logSize(this.logFile);
    this.corrupt ||= tellsOfCorruption(readLogFrom(this.logFile, from));
    return this.corrupt;
  }

  /** Set a corrupt file aside. Call it before each start. */
  async renewIfCorrupt(): Promise<void> {
    if (this.isCorrupt() || (await isNoDatabase(this.path))) {
      const aside = await setAside(this.path);
      this.isPrepared = false;
      this.corrupt = false;
      this.options.supervision.onMessage(
        `Temporal's file ${this.path} is corrupt. It was set aside as ${aside}, and a new one is made. ` +
          'Raw store and warehouse have lost nothing; the list of past workflow runs begins anew, and no schedule is paused any more.',
      );
    }
  }

  /** Prepare the namespace of a new file. Call it when the server responds. */
  async prepare(address: string): Promise<void> {
    if (this.isPrepared) return;
    const { searchAttributes, supervision, onRenewed } = this.options;
    await prepareNamespace(address, searchAttributes, supervision.signal);
    this.isPrepared = true;
    if (!this.isFirst) onRenewed();
  }
}

function temporalSpec(
  { home, binary, maxRestarts }: TemporalServerOptions,
  file: TemporalFile,
  port: number,
  uiPort: number | null,
): SupervisedSpec {
  const { logFile } = file;
  const ui = uiPort === null ? ['--headless'] : ['--ui-port', String(uiPort), '--ui-disable-news-fetch'];
  const address = `${LOOPBACK}:${port}`;
  return {
    name: 'temporal',
    command: binary,
    args: [
      'server',
      'start-dev',
      '--db-filename',
      file.path,
      '--ip',
      LOOPBACK,
      '--port',
      String(port),
      ...ui,
    ],
    cwd: home,
    // The machine's settings for Temporal are for clients. The server needs none of them.
    env: { HOME: home, TZ: 'UTC' },
    logFile,
    stopSteps: [{ signal: 'SIGTERM', graceMs: STOP_GRACE_MS }],
    stopOrder: STOP_ORDER,
    beforeStart: () => file.renewIfCorrupt(),
    // The banner in the log proves that this server got the ports, and not another server that responds there.
    isReady: async ({ logOffset }) => {
      if (!readLogFrom(logFile, logOffset).includes('Temporal Server:')) return false;
      if (!(await serves(address, PROBE_TIMEOUT_MS)) || (uiPort !== null && !(await accepts(uiPort))))
        return false;
      await file.prepare(address);
      return true;
    },
    isAlive: async () => !file.isCorrupt() && (await serves(address, ALIVE_TIMEOUT_MS)),
    readyTimeoutMs: READY_TIMEOUT_MS,
    maxRestarts,
  };
}

async function serves(address: string, timeoutMs: number): Promise<boolean> {
  const connection = await Connection.connect({ address, connectTimeout: timeoutMs });
  try {
    await connection.withDeadline(Date.now() + timeoutMs, () =>
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
