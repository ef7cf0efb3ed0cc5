import ipaddr from 'ipaddr.js';

/** Addresses of the open Internet. */
export const PUBLIC = 'unicast';
/** Where IPv6 addresses were once to hold IPv4 ones (`::7f00:1`); `::` and `::1` are addresses of their own. */
const COMPATIBLE = ipaddr.IPv6.parseCIDR('::/96');
/** Where IPv6 networks translate to IPv4 (NAT64): the last four bytes are the address that is meant. */
const TRANSLATED = 'rfc6052';

/**
 * What kind of address one is, such as `loopback`, `private`, `linkLocal`, `uniqueLocal` or `carrierGradeNat`; {@link PUBLIC}
 * for one of the open Internet. An IPv4 address within an IPv6 one is what counts. What is no address is `invalid`.
 */
export function addressRange(address: string): string {
  if (!ipaddr.isValid(address)) return 'invalid';
  const parsed = ipaddr.process(address);
  const range = parsed.range();
  const isWithin = range === TRANSLATED || (range === PUBLIC && isCompatible(parsed));
  return isWithin ? ipaddr.fromByteArray(parsed.toByteArray().slice(-4)).range() : range;
}

function isCompatible(address: ipaddr.IPv4 | ipaddr.IPv6): boolean {
  return address instanceof ipaddr.IPv6 && address.match(COMPATIBLE);
}
