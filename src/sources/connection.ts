import { lookup as systemLookup } from 'node:dns';
import http from 'node:http';
import https from 'node:https';
import type { LookupFunction, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { addressRange, PUBLIC } from './addressRange.js';

export interface ConnectionOptions {
  /** For a connection to stand, TLS included. Waiting for a free one does not count. */
  connectTimeoutMs: number;
  /** Connections open at once to one host: further requests wait for one. */
  maxSocketsPerHost: number;
  /** Resolves names. Default: as the system does. */
  lookup?: LookupFunction | undefined;
  /** What kind of address one is: see {@link addressRange}, the default. */
  rangeOf?: ((address: string) => string) | undefined;
}

export interface Agents {
  http: http.Agent;
  https: https.Agent;
}

/** Kept connections. Those that redirects made are apart: none of another feed's request serves them. */
export interface Connections {
  /** For the addresses that feeds are configured with: they may lead anywhere. */
  direct: Agents;
  /**
   * For redirects, which reach public addresses and those of one further range. A name is resolved once: if any of its
   * addresses may not be reached, the connection fails; otherwise one of these very addresses is connected to.
   */
  redirected(allowedRange: string): Agents;
  mayReach: (address: string, allowedRange: string) => boolean;
  /** The range of the address that answered; {@link PUBLIC} where it is not known, which allows the least. */
  rangeOf(message: http.IncomingMessage): string;
  destroy(): void;
}

/** Keep-alive connections that must stand in time: Node's own timeouts only watch a connection that stands. */
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

/** How an agent's connections come about. */
interface Connecting {
  connectTimeoutMs: number;
  lookup: LookupFunction;
  isAllowed: (address: string) => boolean;
}

class ConnectTimeout extends Error {
  override name = 'ConnectTimeout';
  readonly code = 'CONNECT_TIMEOUT';
}

/** A redirect leads to an address that it may not reach. */
class InternalAddress extends Error {
  override name = 'InternalAddress';
  readonly code = 'INTERNAL_ADDRESS';
}

/** Resolves names as `lookup` does, and fails where any address of a name is not allowed. */
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

/** Ends a connection that does not stand in time, or, before anything is sent, one that stands to an address that is not allowed. */
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
