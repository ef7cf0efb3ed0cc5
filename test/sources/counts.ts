import type { Entity, StationReading } from '../../src/domain/observation.js';

/** Count how often each value occurs. */
export function countBy<T>(items: readonly T[], key: (item: T) => string | null): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const item of items) counts[String(key(item))] = (counts[String(key(item))] ?? 0) + 1;
  return counts;
}

/** Return what a reading counted as read, and what its records add up to. Both must be equal. */
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
