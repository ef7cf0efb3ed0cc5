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
  /** The charging point whose status stands here, or stands for its connector's. */
  point: number;
}

/** What of a station's text differs from time to time. */
export interface TemplateVariant {
  swapped: boolean;
  renumbered: boolean;
}

/** A character that stands in no station's text and that JSON leaves as it is. */
const MARK = '\uE000';

/** A station as the API writes it, in its order of keys, but for the statuses. */
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

/** The template's text with its gaps filled. */
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
    // The key is there only where a sensor is.
    ...(point.parkingSensor ? { parkingsensor_status: `${MARK}parkingsensor ${at}${MARK}` } : {}),
    roaming: false,
  };
}

function readGap(mark: string): Gap {
  const [kind, point] = mark.split(' ');
  return { kind: kind === 'status' ? 'status' : 'parkingsensor', point: Number(point) };
}

/** Half of the real sensors don't see a car that is charging. */
function sensorStatus(point: SimulatedPoint | undefined, status: SimulatedStatus): 'AVAILABLE' | 'OCCUPIED' {
  if (status === 'BLOCKED') return 'OCCUPIED';
  return status === 'CHARGING' && hash(point?.seed ?? 0, 7) % 2 === 0 ? 'OCCUPIED' : 'AVAILABLE';
}
