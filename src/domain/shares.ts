/** Minutes of charging points in a period. */
export interface Minutes {
  /** In which they were there, observed or not. */
  possible: number;
  observed: number;
  available: number;
  occupied: number;
  /** Those of the occupied in which a vehicle was charged. */
  charging: number;
  out_of_service: number;
}

/** Occupied minutes, or charging points, of those whose status is known; null where there are none. */
export function utilization({
  available,
  occupied,
  out_of_service,
}: Pick<Minutes, 'available' | 'occupied' | 'out_of_service'>): number | null {
  return share(occupied, available + occupied + out_of_service);
}

/** Minutes in which a vehicle was charged, of those whose status is known; null where there are none. */
export function chargingShare({ available, occupied, out_of_service, charging }: Minutes): number | null {
  return share(charging, available + occupied + out_of_service);
}

/**
 * Available and occupied minutes of those whose status is known; null where there are none. The formula is that of the
 * American NEVI rule (23 CFR 680.116(b): more than 97 % a year for each port), but for what it excludes and a feed can't
 * tell: maintenance, vandalism, failures of the grid.
 */
export function uptime({ available, occupied, out_of_service }: Minutes): number | null {
  return share(available + occupied, available + occupied + out_of_service);
}

/** The same with minutes of unknown status counted as down. */
export function uptimeStrict({ available, occupied, observed }: Minutes): number | null {
  return share(available + occupied, observed);
}

/** Observed minutes of those in which they were there; null where there are none. */
export function observedShare({ observed, possible }: Minutes): number | null {
  return share(observed, possible);
}

function share(part: number, whole: number): number | null {
  return whole > 0 ? part / whole : null;
}
