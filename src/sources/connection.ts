import { lookup as systemLookup } from 'node:dns';
import http from 'node:http';
import https from 'node:https';
import type { LookupFunction, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { addressRange, PUBLIC } from './addressRange.js';

export interface ConnectionOptions {
  /** Time limit for connecting, including the TLS handshake. The wait for a free connection does not count. */
  connectTimeoutMs: number;
  /** Maximum of open connections to one host. Further requests wait for a free one. */
  maxSocketsPerHost: number;
  /** Resolves host names. Default: the system's resolver. */
  lookup?: LookupFunction | undefined;
  /** Returns the range of an address. Default: {@link addressRange}. */
  rangeOf?: ((address: string) => string) | undefined;
}

export interface Agents {
  http: http.Agent;
  https: https.Agent;
}

/** Reused connections. Redirects have connections of their own, which no direct request uses. */
export interface Connections {
  /** Connections to the addresses that feeds are configured with. Any address is allowed. */
  direct: Agents;
  /**
   * Return connections for redirects, which may reach public addresses and one further range. A host name is resolved
   * once. When any of its addresses is not allowed, the connection fails; otherwise one of exactly these addresses is
   * used.
   */
  redirected(allowedRange: string): Agents;
  mayReach: (address: string, allowedRange: string) => boolean;
  /**
   * Return the range of the address that responded; {@link PUBLIC}, the most restrictive range, when it is not known.
   */
  rangeOf(message: http.IncomingMessage): string;
  destroy(): void;
}

/**
 * Create keep-alive connections with a time limit for connecting. Node's own timeouts apply only to open connections.
 */
export function createConnections(options: ConnectionOptions): Connections {
  const { connectTimeoutMs, maxSocketsPerHost, lookup = systemLookup, rangeOf = addressRange } = options;
  const mayReach = (address: string, allowedRange: string) =>
    [PUBLIC, allowedRange].includes(rangeOf(address));
  const agentsWith = (connecting: Connecting): Agents => {
    const agentOptions = { keepAlive: true, maxSockets: maxSocketsPerHost, lookup: connecting.lookup };
    return {
      http: new TimelyHttpAgent(connecting, agentOptions),
      https: new TimelyHttpsAgent(connecting, agentOptions),
    };
  };
  const direct = agentsWith({ connectTimeoutMs, lookup, isAllowed: () => true });
  const redirected = new Map<string, Agents>();
  return {
    direct,
    mayReach,
    redirected(allowedRange) {
      const isAllowed = (address: string) => mayReach(address, allowedRange);
      const known = redirected.get(allowedRange);
      const agents = known ?? agentsWith({ connectTimeoutMs, lookup: guarded(lookup, isAllowed), isAllowed });
      redirected.set(allowedRange, agents);
      return agents;
    },
    rangeOf({ socket }) {
      return socket.remoteAddress === undefined ? PUBLIC : rangeOf(socket.remoteAddress);
    },
    destroy() {
      for (const agents of [direct, ...redirected.values()]) {
        agents.http.destroy();
        agents.https.destroy();
      }
    },
  };
}

/** How an agent makes connections. */
interface Connecting {
  connectTimeoutMs: number;
  lookup: LookupFunction;
  isAllowed: (address: string) => boolean;
}

class ConnectTimeout extends Error {
  override name = 'ConnectTimeout';
  readonly code = 'CONNECT_TIMEOUT';
}

/** A redirect leads to an internal address that is not allowed. */
class InternalAddress extends Error {
  override name = 'InternalAddress';
  readonly code = 'INTERNAL_ADDRESS';
}

/** Wrap `lookup` so that it fails when any address of the host name is not allowed. */
function guarded(lookup: LookupFunction, isAllowed: (address: string) => boolean): LookupFunction {
  return (hostname, options, callback) =>
    lookup(hostname, options, (error, found, family) => {
      if (error !== null) {
        callback(error, found, family);
        return;
      }
      const addresses = typeof found === 'string' ? [found] : found.map(({ address }) => address);
      const internal = addresses.find((address) => !isAllowed(address));
      if (internal === undefined) callback(null, found, family);
      else callback(new InternalAddress(`redirects to ${hostname}, which is ${internal}`), []);
    });
}

class TimelyHttpAgent extends http.Agent {
  constructor(
    private readonly connecting: Connecting,
    options: http.AgentOptions,
  ) {
    super(options);
  }

  override createConnection(...args: Parameters<http.Agent['createConnection']>): Duplex | null | undefined {
    return watch(super.createConnection(...args), 'connect', this.connecting);
  }
}

class TimelyHttpsAgent extends https.Agent {
  constructor(
    private readonly connecting: Connecting,
    options: https.AgentOptions,
  ) {
    super(options);
  }

  override createConnection(...args: Parameters<https.Agent['createConnection']>): Duplex | null | undefined {
    return watch(super.createConnection(...args), 'secureConnect', this.connecting);
  }
}

/**
 * Close a connection that is not open in time. Also close a connection to an address that is not allowed, before any
 * data is sent.
 */
function watch<Connection extends Duplex | null | undefined>(
  connection: Connection,
  connected: 'connect' | 'secureConnect',
  { connectTimeoutMs, isAllowed }: Connecting,
): Connection {
  const timer = setTimeout(
    () => connection?.destroy(new ConnectTimeout(`no connection within ${connectTimeoutMs} ms`)),
    connectTimeoutMs,
  );
  const clear = () => clearTimeout(timer);
  connection?.once('connect', () => {
    const address = (connection as Partial<Socket>).remoteAddress;
    if (address !== undefined && !isAllowed(address))
      connection.destroy(new InternalAddress(`redirects to ${address}`));
  });
  connection?.once(connected, clear).once('close', clear);
  return connection;
}
