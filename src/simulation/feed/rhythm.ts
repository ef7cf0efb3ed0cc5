/**
 * When cars arrive and how long they stay. The shares were measured in a real collection of one year: lowest at 02h,
 * highest at 09h. The arrivals follow from them: if stays are exponential with mean D, a share s(t) of busy points
 * needs the arrival rate m' + m/D with m = -ln(1 - s).
 */

/** Share of all charging points that are CHARGING, at each full local hour. */
const CHARGING_SHARE_BY_HOUR: readonly number[] = [
  0.132, 0.12, 0.11, 0.112, 0.125, 0.148, 0.178, 0.21, 0.243, 0.27, 0.255, 0.242, 0.232, 0.225, 0.221, 0.22,
  0.221, 0.22, 0.214, 0.2, 0.187, 0.172, 0.158, 0.145,
];

/** The usage pattern of a charging point. */
export interface Usage {
  /** Arrivals per hour, for each local hour of the day. */
  arrivalsByHour: readonly number[];
  /** The highest value of `arrivalsByHour`. */
  mostArrivals: number;
  meanStayHours: number;
}

/** Share of charging points where the same car is parked most of the time, such as those of car sharing. */
const LONG_STAY_SHARE = 0.0625;
const LONG_STAY_BUSY = 0.8;

/**
 * Share of charging points that work. Points that are out of order or unknown can't be charging, therefore working
 * points are busier than the measured shares.
 */
const WORKING_SHARE = 0.967;

/** Factors of usage: some points are used a lot, some hardly. The average is 1. */
const POPULARITIES = [0.4, 0.8, 1.2, 1.6] as const;

const LONG_STAY = usage(
  CHARGING_SHARE_BY_HOUR.map(() => LONG_STAY_BUSY),
  12,
);
const AC = POPULARITIES.map((popularity) => usage(ordinaryShares(popularity), 7.2));
const DC = POPULARITIES.map((popularity) => usage(ordinaryShares(popularity * 0.6), 0.6));

/**
 * Return the usage pattern of one charging point.
 * @param lot a number in [0, 1), fixed for the point
 */
export function usageOf(lot: number, powerType: 'AC' | 'DC'): Usage {
  if (powerType === 'AC' && lot < LONG_STAY_SHARE) return LONG_STAY;
  const usages = powerType === 'AC' ? AC : DC;
  const rest = (lot - LONG_STAY_SHARE) / (1 - LONG_STAY_SHARE);
  return usages[Math.floor(Math.max(0, rest) * usages.length)] ?? LONG_STAY;
}

function ordinaryShares(popularity: number): number[] {
  return CHARGING_SHARE_BY_HOUR.map((share) => {
    const others = share / WORKING_SHARE - LONG_STAY_SHARE * LONG_STAY_BUSY;
    return (others / (1 - LONG_STAY_SHARE)) * popularity;
  });
}

function usage(shares: readonly number[], meanStayHours: number): Usage {
  const loads = shares.map((share) => -Math.log(1 - share));
  const arrivalsByHour = loads.map((load, hour) => {
    const next = loads[(hour + 1) % loads.length] ?? load;
    return Math.max(0, next - load + (load + next) / 2 / meanStayHours);
  });
  return { arrivalsByHour, mostArrivals: Math.max(...arrivalsByHour), meanStayHours };
}
