import ipaddr from 'ipaddr.js';

/** Range of the addresses of the public Internet. */
export const PUBLIC = 'unicast';
/** Deprecated IPv6 addresses that contain an IPv4 address (`::7f00:1`). `::` and `::1` have ranges of their own. */
const COMPATIBLE = ipaddr.IPv6.parseCIDR('::/96');
/** Range of IPv6 addresses that are translated to IPv4 (NAT64). Their last four bytes are the IPv4 address. */
const TRANSLATED = 'rfc6052';

/**
 * Return the range of an address, such as `loopback`, `private`, `linkLocal`, `uniqueLocal` or `carrierGradeNat`;
 * {@link PUBLIC} for an address of the public Internet; `invalid` for any other text. For an IPv6 address that contains
 * an IPv4 address, returns the range of the IPv4 address.
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
