import { hash } from './random.js';
import type { SimulatedPoint, SimulatedStation } from './station.js';
import type { SimulatedStatus } from './timeline.js';

/** A station's JSON text with gaps for the statuses: `texts[0]`, gap 0, `texts[1]`, gap 1 …, the last text. */
export interface StationTemplate {
  texts: string[];
  gaps: Gap[];
}

export interface Gap {
  kind: 'status' | 'parkingsensor';
  /** Index of the charging point whose status fills the gap, also for its connectors. */
  point: number;
}

/** The variants of a station's text. */
export interface TemplateVariant {
  swapped: boolean;
  renumbered: boolean;
}

/** A character that no station's text contains, and that JSON does not escape. */
const MARK = '\uE000';

/** Create the JSON text of a station, with the API's order of keys and without the statuses. */
export function createTemplate(station: SimulatedStation, variant: TemplateVariant): StationTemplate {
  const json = JSON.stringify({
    id: String(station.id),
    ...station.content,
    evses: station.points.map((point, at) => evseOf(point, at, variant)),
  });
  const parts = json.split(MARK);
  const texts = parts.filter((_, at) => at % 2 === 0);
  const gaps = parts.filter((_, at) => at % 2 === 1).map(readGap);
  return { texts, gaps };
}

/** Return the template's text with its gaps filled. */
export function fillTemplate(
  { texts, gaps }: StationTemplate,
  station: SimulatedStation,
  statuses: readonly SimulatedStatus[],
): string {
  let text = texts[0] ?? '';
  for (const [at, { kind, point }] of gaps.entries()) {
    const status = statuses[point] ?? 'AVAILABLE';
    text += kind === 'status' ? status : sensorStatus(station.points[point], status);
    text += texts[at + 1] ?? '';
  }
  return text;
}

function evseOf(point: SimulatedPoint, at: number, { swapped, renumbered }: TemplateVariant) {
  const status = `${MARK}status ${at}${MARK}`;
  const connectors = point.connectors.map(({ id, ...content }) => ({ id, status, ...content }));
  return {
    uid: point.uid,
    id: renumbered ? point.renumberedEvseId : point.evseId,
    status,
    ...point.before,
    connectors: swapped ? connectors.reverse() : connectors,
    ...point.after,
    // The key exists only for points with a sensor.
    ...(point.parkingSensor ? { parkingsensor_status: `${MARK}parkingsensor ${at}${MARK}` } : {}),
    roaming: false,
  };
}

function readGap(mark: string): Gap {
  const [kind, point] = mark.split(' ');
  return { kind: kind === 'status' ? 'status' : 'parkingsensor', point: Number(point) };
}

/** The status of the parking sensor. Half of the real sensors don't detect a car that is charging. */
function sensorStatus(point: SimulatedPoint | undefined, status: SimulatedStatus): 'AVAILABLE' | 'OCCUPIED' {
  if (status === 'BLOCKED') return 'OCCUPIED';
  return status === 'CHARGING' && hash(point?.seed ?? 0, 7) % 2 === 0 ? 'OCCUPIED' : 'AVAILABLE';
}
