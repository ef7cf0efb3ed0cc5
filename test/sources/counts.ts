import type { Entity, StationReading } from '../../src/domain/observation.js';

/** How often each value occurs. */
export function countBy<T>(items: readonly T[], key: (item: T) => string | null): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const item of items) counts[String(key(item))] = (counts[String(key(item))] ?? 0) + 1;
  return counts;
}

/** What a reading says it read, and what became of it: the two must be equal. */
export function balance(reading: StationReading) {
  const quarantined = (entity: Entity) =>
    reading.quarantined.filter((record) => record.entity === entity).length;
  const connectors = reading.points.flatMap((point) => point.connectors);
  return {
    read: { points: reading.pointsRead, connectors: reading.connectorsRead },
    accounted: {
      points: reading.points.filter((point) => point.status !== null).length + quarantined('charging_point'),
      connectors:
        connectors.filter((connector) => connector.status !== null).length + quarantined('connector'),
    },
  };
}
