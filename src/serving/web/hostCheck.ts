import type { FastifyInstance } from 'fastify';
import { BlockList, isIP, isIPv6 } from 'node:net';
import { hostname } from 'node:os';
import { Problem } from './problem.js';

/** A name or address with or without a port, as a URL has it. */
const HOST = /^(?:\[([\da-f:.]{2,45})\]|([a-z\d_.-]{1,253}))(?::\d{1,5})?$/i;

const LOOPBACK = new BlockList();
LOOPBACK.addSubnet('127.0.0.0', 8, 'ipv4');
LOOPBACK.addAddress('::1', 'ipv6');

/** Whether an address reaches this machine alone. */
function isLoopback(address: string): boolean {
  return isIP(address) !== 0 && LOOPBACK.check(address, isIPv6(address) ? 'ipv6' : 'ipv4');
}

/** The name or address in a Host header, without port, brackets and case; null where there is none in it. */
export function hostOf(header: string): string | null {
  const [, address, name] = HOST.exec(header) ?? [];
  return (address ?? name)?.toLowerCase().replace(/\.$/, '') ?? null;
}

export interface OwnNames {
  /** Address or name that the API was told to listen at. */
  host: string;
  /** Further names that people ask for. */
  names: readonly string[];
}

/**
 * Refuses requests whose Host header names another machine, with 421. A page that somebody looks at could otherwise read
 * an API that this machine alone reaches: it lets its own name resolve to 127.0.0.1 (DNS rebinding).
 *
 * Holds while the API listens at loopback addresses alone, and everywhere once further names are given. What a proxy says in
 * X-Forwarded-Host is not asked: such a page can send that too. Requests without the header, which no browser sends, pass.
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
    // An address is what it says: no name was resolved. Probes of load balancers ask for one.
    else if (!isLocal && (names.length === 0 || isIP(asked) !== 0)) done();
    else done(new Problem(421, refusalOf(asked)));
  });
}

function refusalOf(asked: string): string {
  return `"${asked}" is no name of this machine: ask localhost, or add that name to LADEPULS_API_NAMES.`;
}
