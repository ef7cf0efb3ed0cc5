/**
 * The counts that account for all answers and records of one feed and day. They must add up, so that nothing is lost
 * unnoticed:
 *
 * - bodies = parsed + unreadable + surplus + excluded
 * - charging_points_read = charging_point_facts + charging_points_quarantined + charging_point_duplicates
 * - connectors_read = connector_facts + connectors_quarantined + connector_duplicates
 */
export interface LedgerEntry {
  feed: string;
  /** Accepted answers in the raw store. */
  bodies: number;
  /** Answers that became observations: the first readable answer of each slot. */
  parsed: number;
  /** Answers that could not be read during cleaning. */
  unreadable: number;
  /** Answers of a slot with an earlier readable answer. */
  surplus: number;
  /** Answers that a correction excludes. They are not read. */
  excluded: number;
  charging_points_read: number;
  charging_point_facts: number;
  charging_points_quarantined: number;
  charging_point_duplicates: number;
  connectors_read: number;
  connector_facts: number;
  connectors_quarantined: number;
  connector_duplicates: number;
  stations_quarantined: number;
}

/** The counts of a ledger entry, in the order of the warehouse's columns. */
export const LEDGER_COUNTS = [
  'bodies',
  'parsed',
  'unreadable',
  'surplus',
  'excluded',
  'charging_points_read',
  'charging_point_facts',
  'charging_points_quarantined',
  'charging_point_duplicates',
  'connectors_read',
  'connector_facts',
  'connectors_quarantined',
  'connector_duplicates',
  'stations_quarantined',
] as const satisfies readonly (keyof LedgerEntry)[];

/** Return an entry whose counts are 0. */
export function emptyLedgerEntry(feed: string): LedgerEntry {
  return {
    feed,
    bodies: 0,
    parsed: 0,
    unreadable: 0,
    surplus: 0,
    excluded: 0,
    charging_points_read: 0,
    charging_point_facts: 0,
    charging_points_quarantined: 0,
    charging_point_duplicates: 0,
    connectors_read: 0,
    connector_facts: 0,
    connectors_quarantined: 0,
    connector_duplicates: 0,
    stations_quarantined: 0,
  };
}

/** Sum the entries of feed slices by feed. */
export function addLedgers(entries: readonly LedgerEntry[]): LedgerEntry[] {
  const sums = new Map<string, LedgerEntry>();
  for (const entry of entries) {
    const sum = sums.get(entry.feed) ?? emptyLedgerEntry(entry.feed);
    for (const count of LEDGER_COUNTS) sum[count] += entry[count];
    sums.set(entry.feed, sum);
  }
  return [...sums.values()];
}

/** Return a sentence for each sum that does not add up; empty when the entry is correct. */
export function ledgerFaults(entry: LedgerEntry): string[] {
  const sums: [string, number, number][] = [
    ['bodies', entry.bodies, entry.parsed + entry.unreadable + entry.surplus + entry.excluded],
    [
      'charging points',
      entry.charging_points_read,
      entry.charging_point_facts + entry.charging_points_quarantined + entry.charging_point_duplicates,
    ],
    [
      'connectors',
      entry.connectors_read,
      entry.connector_facts + entry.connectors_quarantined + entry.connector_duplicates,
    ],
  ];
  return sums
    .filter(([, whole, parts]) => whole !== parts)
    .map(([what, whole, parts]) => `${entry.feed}: ${whole} ${what} read, but ${parts} accounted for`);
}
