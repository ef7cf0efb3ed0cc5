import type { FastifyInstance } from 'fastify';
import { BlockList, isIP, isIPv6 } from 'node:net';
import { hostname } from 'node:os';
import { Problem } from './problem.js';

/** Name or address with an optional port, in the syntax of URLs. */
const HOST = /^(?:\[([\da-f:.]{2,45})\]|([a-z\d_.-]{1,253}))(?::\d{1,5})?$/i;

const LOOPBACK = new BlockList();
LOOPBACK.addSubnet('127.0.0.0', 8, 'ipv4');
LOOPBACK.addAddress('::1', 'ipv6');

/** Return whether an address is a loopback address, which only this machine can reach. */
function isLoopback(address: string): boolean {
  return isIP(address) !== 0 && LOOPBACK.check(address, isIPv6(address) ? 'ipv6' : 'ipv4');
}

/**
 * Return the name or address in a Host header, in lower case, without port and brackets; null when the header has none.
 */
export function hostOf(header: string): string | null {
  const [, address, name] = HOST.exec(header) ?? [];
  return (address ?? name)?.toLowerCase().replace(/\.$/, '') ?? null;
}

/** Names by which clients may address this API. */
export interface OwnNames {
  /** Address or name at which the API was told to listen. */
  host: string;
  /** Further names by which clients may address the API. */
  names: readonly string[];
}

/**
 * Refuse requests whose Host header names another machine, with status 421. Otherwise a page in a browser on this
 * machine could read an API that only this machine can reach, by resolving the page's own name to 127.0.0.1 (DNS
 * rebinding).
 *
 * The check is active while the API listens on loopback addresses only, and always when further names are given. The
 * header X-Forwarded-Host is ignored, because such a page can send it too. Requests without a Host header pass, because
 * no browser sends them.
 */
export function checkHost(app: FastifyInstance, { host, names }: OwnNames): void {
  const machine = hostname().toLowerCase();
  const [shortName] = machine.split('.');
  const own = new Set(['localhost', machine, `${shortName}.local`, hostOf(host), ...names.map(hostOf)]);
  let isLocal = true;
  app.addHook('onListen', (done) => {
    isLocal = app.addresses().every((bound) => typeof bound === 'object' && isLoopback(bound.address));
    done();
  });
  app.addHook('onRequest', (request, _, done) => {
    const { host: header } = request.headers;
    const asked = header === undefined ? 'localhost' : hostOf(header);
    if (asked === null) done(new Problem(400, 'The header Host has no name or address in it.'));
    else if (own.has(asked) || isLoopback(asked)) done();
    // An address in the Host header was not resolved from a name. Health checks of load balancers use addresses.
    else if (!isLocal && (names.length === 0 || isIP(asked) !== 0)) done();
    else done(new Problem(421, refusalOf(asked)));
  });
}

function refusalOf(asked: string): string {
  return `"${asked}" is not a known name of this API: use localhost, or add the name to LADEPULS_API_NAMES.`;
}
