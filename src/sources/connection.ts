import { createHash } from 'node:crypto';
import { lookup as systemLookup } from 'node:dns';
import http from 'node:http';
import https from 'node:https';
import type { LookupFunction, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { addressRange, PUBLIC } from './addressRange.js';
import type { ClientCertificate } from './auth/certificate.js';

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
  /** Return connections to the addresses that feeds are configured with. Any address is allowed. */
  direct(certificate?: ClientCertificate | null): Agents;
  /**
   * Return connections for redirects, which may reach public addresses and one further range. A host name is resolved
   * once. When any of its addresses is not allowed, the connection fails; otherwise one of exactly these addresses is
   * used.
   */
  redirected(allowedRange: string, certificate?: ClientCertificate | null): Agents;
  mayReach: (address: string, allowedRange: string) => boolean;
  /**
   * Return the range of the address that responded; {@link PUBLIC}, the most restrictive range, when it is not known.
   */
  rangeOf(message: http.IncomingMessage): string;
  destroy(): void;
}

/**
 * Largest number of pairs of agents that are kept, each with its open connections. Each client certificate has a pair of
 * its own, for direct requests and for each range of redirects.
 */
const MAX_KEPT = 64;

/**
 * Create keep-alive connections with a time limit for connecting. Node's own timeouts apply only to open connections.
 */
export function createConnections(options: ConnectionOptions): Connections {
  const { connectTimeoutMs, maxSocketsPerHost, lookup = systemLookup, rangeOf = addressRange } = options;
  const mayReach = (address: string, allowedRange: string) =>
    [PUBLIC, allowedRange].includes(rangeOf(address));
  const kept = new Map<string, Agents>();
  /** Return the connections of a name. A connection with a client certificate serves no request without it. */
  const agentsOf = (name: string, connecting: Connecting, certificate: ClientCertificate | null): Agents => {
    const key = `${name} ${certificate === null ? '' : digestOf(certificate)}`;
    const options = { keepAlive: true, maxSockets: maxSocketsPerHost, lookup: connecting.lookup };
    const agents = kept.get(key) ?? {
      http: new TimelyHttpAgent(connecting, options),
      https: new TimelyHttpsAgent(connecting, { ...options, ...certificate }),
    };
    kept.delete(key);
    dropUnused(kept);
    kept.set(key, agents);
    return agents;
  };
  return {
    direct: (certificate = null) =>
      agentsOf('direct', { connectTimeoutMs, lookup, isAllowed: () => true }, certificate),
    mayReach,
    redirected(allowedRange, certificate = null) {
      const isAllowed = (address: string) => mayReach(address, allowedRange);
      const connecting = { connectTimeoutMs, lookup: guarded(lookup, isAllowed), isAllowed };
      return agentsOf(`redirected ${allowedRange}`, connecting, certificate);
    },
    rangeOf({ socket }) {
      return socket.remoteAddress === undefined ? PUBLIC : rangeOf(socket.remoteAddress);
    },
    destroy() {
      for (const agents of kept.values()) destroy(agents);
    },
  };
}

/**
 * When {@link MAX_KEPT} pairs of agents are kept, close one that has no request, so that another pair has room. Of these
 * it is the pair whose last use is the longest ago. Certificates that were replaced leave such pairs behind.
 */
function dropUnused(kept: Map<string, Agents>): void {
  for (const [key, agents] of kept) {
    if (kept.size < MAX_KEPT) return;
    const isInUse = [agents.http, agents.https].some(({ sockets }) => Object.keys(sockets).length > 0);
    if (isInUse) continue;
    kept.delete(key);
    destroy(agents);
  }
}

function destroy(agents: Agents): void {
  agents.http.destroy();
  agents.https.destroy();
}

function digestOf({ pfx, cert, key, passphrase }: ClientCertificate): string {
  const digest = createHash('sha256');
  for (const part of [pfx, cert, key, passphrase]) digest.update(part ?? '').update('\n');
  return digest.digest('hex');
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
