/** Minutes of charging points in a period. */
export interface Minutes {
  /** Minutes in which the charging points existed, observed or not. */
  possible: number;
  observed: number;
  available: number;
  occupied: number;
  /** The part of `occupied` in which a vehicle was charged. */
  charging: number;
  out_of_service: number;
}

/** Return occupied minutes (or charging points) divided by those with a known status; null when there are none. */
export function utilization({
  available,
  occupied,
  out_of_service,
}: Pick<Minutes, 'available' | 'occupied' | 'out_of_service'>): number | null {
  return share(occupied, available + occupied + out_of_service);
}

/** Return charging minutes divided by the minutes with a known status; null when there are none. */
export function chargingShare({ available, occupied, out_of_service, charging }: Minutes): number | null {
  return share(charging, available + occupied + out_of_service);
}

/**
 * Return available and occupied minutes divided by the minutes with a known status; null when there are none. This is
 * the formula of the American NEVI rule (23 CFR 680.116(b): more than 97 % a year for each port), without its
 * exclusions, which a feed does not report: maintenance, vandalism, failures of the grid.
 */
export function uptime({ available, occupied, out_of_service }: Minutes): number | null {
  return share(available + occupied, available + occupied + out_of_service);
}

/** Return the uptime like {@link uptime}, but count minutes with unknown status as down. */
export function uptimeStrict({ available, occupied, observed }: Minutes): number | null {
  return share(available + occupied, observed);
}

/** Return observed minutes divided by possible minutes; null when there are none. */
export function observedShare({ observed, possible }: Minutes): number | null {
  return share(observed, possible);
}

function share(part: number, whole: number): number | null {
  return whole > 0 ? part / whole : null;
}
