import fc from 'fast-check';
import { expect, it } from 'vitest';
import { emptyLedgerEntry, LEDGER_COUNTS, ledgerFaults } from '../../src/domain/ledger.js';

const count = fc.integer({ min: 0, max: 1_000_000 });
const counts = fc.tuple(count, count, count);

/** An entry whose sums are correct. */
const balanced = fc.tuple(counts, counts, counts).map(([bodies, points, connectors]) => {
  const sum = (parts: number[]) => parts.reduce((a, b) => a + b, 0);
  return {
    ...emptyLedgerEntry('koeln'),
    bodies: sum(bodies),
    parsed: bodies[0],
    unreadable: bodies[1],
    surplus: bodies[2],
    charging_points_read: sum(points),
    charging_point_facts: points[0],
    charging_points_quarantined: points[1],
    charging_point_duplicates: points[2],
    connectors_read: sum(connectors),
    connector_facts: connectors[0],
    connectors_quarantined: connectors[1],
    connector_duplicates: connectors[2],
  };
});

it('an entry begins with nothing, which adds up', () => {
  const entry = emptyLedgerEntry('koeln');
  expect(LEDGER_COUNTS.map((name) => entry[name])).toEqual(LEDGER_COUNTS.map(() => 0));
  expect(Object.keys(entry).sort()).toEqual(['feed', ...LEDGER_COUNTS].sort());
  expect(ledgerFaults(entry)).toEqual([]);
});

it('finds no fault where the sums add up, and one where any count of them is off', () => {
  const summed = LEDGER_COUNTS.filter((name) => name !== 'stations_quarantined');
  const property = fc.property(
    balanced,
    fc.constantFrom(...summed),
    fc.integer({ min: 1, max: 5 }),
    (entry, name, off) => {
      expect(ledgerFaults(entry)).toEqual([]);
      expect(ledgerFaults({ ...entry, [name]: entry[name] + off })).toHaveLength(1);
    },
  );
  fc.assert(property);
});

it('says of which feed how much is not accounted for', () => {
  const entry = { ...emptyLedgerEntry('bonn'), connectors_read: 3, connector_facts: 1, bodies: 1 };
  expect(ledgerFaults(entry)).toEqual([
    'bonn: 1 bodies read, but 0 accounted for',
    'bonn: 3 connectors read, but 1 accounted for',
  ]);
});
