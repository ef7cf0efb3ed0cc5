import http from 'node:http';
import https from 'node:https';
import type { Duplex } from 'node:stream';

export interface ConnectionOptions {
  /** For a connection to stand, TLS included. Waiting for a free one does not count. */
  connectTimeoutMs: number;
  /** Connections open at once to one host: further requests wait for one. */
  maxSocketsPerHost: number;
}

/** Keep-alive agents whose connections must stand in time: Node's own timeouts only watch a connection that stands. */
export function createAgents(options: ConnectionOptions): { http: http.Agent; https: https.Agent } {
  const agentOptions = { keepAlive: true, maxSockets: options.maxSocketsPerHost };
  return {
    http: new TimelyHttpAgent(options.connectTimeoutMs, agentOptions),
    https: new TimelyHttpsAgent(options.connectTimeoutMs, agentOptions),
  };
}

class ConnectTimeout extends Error {
  override name = 'ConnectTimeout';
  readonly code = 'CONNECT_TIMEOUT';
}

class TimelyHttpAgent extends http.Agent {
  constructor(
    private readonly connectTimeoutMs: number,
    options: http.AgentOptions,
  ) {
    super(options);
  }

  override createConnection(...args: Parameters<http.Agent['createConnection']>): Duplex | null | undefined {
    return connectInTime(super.createConnection(...args), 'connect', this.connectTimeoutMs);
  }
}

class TimelyHttpsAgent extends https.Agent {
  constructor(
    private readonly connectTimeoutMs: number,
    options: https.AgentOptions,
  ) {
    super(options);
  }

  override createConnection(...args: Parameters<https.Agent['createConnection']>): Duplex | null | undefined {
    return connectInTime(super.createConnection(...args), 'secureConnect', this.connectTimeoutMs);
  }
}

function connectInTime<Socket extends Duplex | null | undefined>(
  socket: Socket,
  connected: 'connect' | 'secureConnect',
  connectTimeoutMs: number,
): Socket {
  const timer = setTimeout(
    () => socket?.destroy(new ConnectTimeout(`no connection within ${connectTimeoutMs} ms`)),
    connectTimeoutMs,
  );
  const clear = () => clearTimeout(timer);
  socket?.once(connected, clear).once('close', clear);
  return socket;
}
