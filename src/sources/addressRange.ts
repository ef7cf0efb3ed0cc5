import ipaddr from 'ipaddr.js';

/** Addresses of the open Internet. */
export const PUBLIC = 'unicast';
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
  return range === TRANSLATED ? ipaddr.fromByteArray(parsed.toByteArray().slice(-4)).range() : range;
}
