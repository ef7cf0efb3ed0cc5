import type { Slot } from '../../../src/domain/slot.js';
import type { GoodAnswer } from './slotFeed.js';
import type { TestSystem } from './system.js';

/** Facts as lines of text, in order: what is the same in two lists is the same observation. */
export interface Observations {
  chargingPoints: string[];
  connectors: string[];
}

interface Station {
  evses: {
    uid: string;
    status: string;
    parkingsensor_status?: string | null;
    connectors: { id: string; status: string }[];
  }[];
}

const line = (id: string, slot: Slot, status: string, sensor?: string | null) =>
  [id, new Date(slot).toISOString(), status, ...(sensor ? [sensor] : [])].join(' ');

/** What feeds showed in their answers, by nothing but their JSON; of a slot's several answers each counts. */
export function observed(answers: readonly GoodAnswer[]): Observations {
  const [chargingPoints, connectors] = [[] as string[], [] as string[]];
  for (const { slot, body } of answers) {
    const { data } = JSON.parse(body) as { data: Station[] };
    for (const point of data.flatMap(({ evses }) => evses)) {
      chargingPoints.push(line(point.uid, slot, point.status, point.parkingsensor_status));
      for (const { id, status } of point.connectors) connectors.push(line(id, slot, status));
    }
  }
  return { chargingPoints: chargingPoints.sort(), connectors: connectors.sort() };
}

/** What the warehouse holds. */
export async function loaded(system: TestSystem): Promise<Observations> {
  const facts = await system.query<{ id: string; slot: Date; status: string; sensor: string | null }>(
    `select id_chargingpoint as id, slot, status_cp as status, status_parkingsensor as sensor from status_chargingpoints`,
  );
  const connectors = await system.query<{ id: string; slot: Date; status: string }>(
    'select id_connector as id, slot, status_connector as status from status_connectors',
  );
  return {
    chargingPoints: facts
      .map(({ id, slot, status, sensor }) => line(id, slot.getTime(), status, sensor))
      .sort(),
    connectors: connectors.map(({ id, slot, status }) => line(id, slot.getTime(), status)).sort(),
  };
}
