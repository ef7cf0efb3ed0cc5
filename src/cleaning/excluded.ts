import type { Exclusions } from '../domain/exclusions.js';
import type { Slot } from '../domain/slot.js';

/** Exclusions in a form that is fast to query for every record of every poll. Most days have no exclusions. */
export class Excluded {
  private readonly polls: Set<Slot>;
  private readonly stations: Map<string, Set<Slot>>;
  private readonly points: Map<string, Set<Slot>>;
  private readonly connectors: Map<string, Set<Slot>>;
  private readonly colliding: Set<string>;

  constructor(exclusions: Exclusions) {
    this.polls = new Set(exclusions.polls);
    this.stations = slotSets(exclusions.stations);
    this.points = slotSets(exclusions.charging_points);
    this.connectors = slotSets(exclusions.connectors);
    this.colliding = new Set(exclusions.colliding_stations);
  }

  poll = (slot: Slot): boolean => this.polls.has(slot);
  collides = (sourceId: string): boolean => this.colliding.size > 0 && this.colliding.has(sourceId);
  station = (id: number, slot: Slot): boolean => isIn(this.stations, String(id), slot);
  point = (id: string, slot: Slot): boolean => isIn(this.points, id, slot);
  connector = (id: string, slot: Slot): boolean => isIn(this.connectors, id, slot);
}

function slotSets(slots: Record<string, Slot[]>): Map<string, Set<Slot>> {
  return new Map(Object.entries(slots).map(([id, list]) => [id, new Set(list)]));
}

function isIn(sets: Map<string, Set<Slot>>, id: string, slot: Slot): boolean {
  return sets.size > 0 && (sets.get(id)?.has(slot) ?? false);
}
