import { dayBounds, type Day } from '../../domain/day.js';
import { CITIES, type City } from './cities.js';
import type { FeedContent } from './content.js';
import { createCalendar, formatTimestamp, type Calendar } from './localTime.js';
import { generationAt } from './presence.js';
import { hash, hashText } from './random.js';
import {
  createStation,
  MOST_STATIONS_A_FEED,
  type SimulatedStation,
  type StationIdentity,
} from './station.js';
import { createTemplate, fillTemplate, type StationTemplate, type TemplateVariant } from './stationText.js';
import { statusAt, timelineOf, type SimulatedStatus, type Timeline } from './timeline.js';

const SLOT_MS = 600_000;
/** Upper limit of the feeds' numbers. Feeds that are not in the table of cities get numbers from 100 on. */
const MOST_FEEDS = 2000;

export interface FleetOptions {
  /** Any whole number. The same seed always gives the same fleet. */
  seed: number;
  /**
   * Names of feeds. Stations of known feeds are in their own cities; those of other names are in one of these cities.
   */
  feeds: readonly string[];
  /**
   * Number of stations: one number for all feeds, or a number for each feed. Default: as many as the real feed had in
   * January 2022.
   */
  stationsPerFeed?: number | Readonly<Record<string, number>> | undefined;
  /** A feed and the local day from which on the EVSE-IDs of its own operator are new ones. Default: never. */
  renumbering?: { feed: string; day: Day } | undefined;
  /** IANA name. Default: Europe/Berlin. */
  timeZone?: string | undefined;
}

export interface Fleet extends FeedContent {
  /**
   * Return the answer of a feed as JSON text. The text is a pure function of the options and the instant. Therefore a
   * past day can be simulated without simulating the time before.
   * @param instantMs instant of the statuses, in milliseconds since the epoch
   * @param answeredMs instant of the envelope's timestamp, in milliseconds since the epoch; default: `instantMs`
   * @throws RangeError when the fleet has no such feed
   */
  envelope(feed: string, instantMs: number, answeredMs?: number): string;
}

/**
 * Create a fleet of charging stations that follows the daily rhythm of real ones.
 *
 * @example simulateFleet({ seed: 1, feeds: ['koeln', 'bonn'] }).envelope('bonn', Date.now())
 */
export function simulateFleet(options: FleetOptions): Fleet {
  const timeZone = options.timeZone ?? 'Europe/Berlin';
  const calendar = createCalendar(timeZone);
  const names = [...new Set(options.feeds)];
  const numbers = feedNumbers(names);
  const feeds = new Map<string, FeedSimulation>();
  for (const feed of names) {
    const city = cityOf(feed, options.stationsPerFeed);
    const { renumbering } = options;
    const renumberedFromMs =
      renumbering?.feed === feed ? dayBounds(renumbering.day, timeZone).start : Infinity;
    const feedNumber = numbers.get(feed) ?? 0;
    feeds.set(feed, new FeedSimulation({ seed: options.seed, city, feedNumber }, renumberedFromMs, calendar));
  }
  const envelope = (feed: string, instantMs: number, answeredMs = instantMs): string => {
    const simulation = feeds.get(feed);
    if (!simulation) throw new RangeError(`the simulated fleet has no feed "${feed}"`);
    const timestamp = formatTimestamp(answeredMs, timeZone);
    const data = simulation.stationTexts(instantMs).join(',');
    return `{"data":[${data}],"status_code":1000,"status_message":"Success","timestamp":"${timestamp}"}`;
  };
  return {
    feeds: names,
    envelope,
    answer: ({ feed, statusMs, answeredMs }) => Promise.resolve(envelope(feed, statusMs, answeredMs)),
  };
}

interface Standing {
  station: SimulatedStation;
  generation: number;
  templates: Map<string, StationTemplate>;
  timelines: (Timeline | undefined)[];
}

/** The stations of one feed. The stations' texts are computed once, and their statuses once a day. */
class FeedSimulation {
  private readonly places: (Standing | undefined)[] = [];
  private readonly feedSeed: number;

  constructor(
    private readonly identity: Pick<StationIdentity, 'seed' | 'city' | 'feedNumber'>,
    private readonly renumberedFromMs: number,
    private readonly calendar: Calendar,
  ) {
    this.feedSeed = hash(identity.seed, hashText(identity.city.feed));
  }

  stationTexts(instantMs: number): string[] {
    const texts: string[] = [];
    const dayNumber = this.calendar.dayNumber(instantMs);
    for (let index = 0; index < this.identity.city.stations; index++) {
      const generation = generationAt(hash(this.feedSeed, index), instantMs);
      if (generation === null) continue;
      const standing = this.standingAt(index, generation);
      const template = this.templateOf(standing, instantMs);
      texts.push(fillTemplate(template, standing.station, this.statusesOf(standing, dayNumber, instantMs)));
    }
    return texts;
  }

  private standingAt(index: number, generation: number): Standing {
    const known = this.places[index];
    if (known?.generation === generation) return known;
    const station = createStation({ ...this.identity, index, generation });
    const standing = { station, generation, templates: new Map<string, StationTemplate>(), timelines: [] };
    this.places[index] = standing;
    return standing;
  }

  private templateOf({ station, templates }: Standing, instantMs: number): StationTemplate {
    const variant: TemplateVariant = {
      swapped: station.swapsConnectors && hash(station.seed, Math.floor(instantMs / SLOT_MS), 8) % 2 === 0,
      renumbered: station.ofMainOperator && instantMs >= this.renumberedFromMs,
    };
    const key = `${variant.swapped} ${variant.renumbered}`;
    const template = templates.get(key) ?? createTemplate(station, variant);
    templates.set(key, template);
    return template;
  }

  private statusesOf(
    { station, timelines }: Standing,
    dayNumber: number,
    instantMs: number,
  ): SimulatedStatus[] {
    return station.points.map((point, at) => {
      let timeline = timelines[at];
      if (timeline?.dayNumber !== dayNumber) {
        timeline = timelineOf(point, dayNumber, this.calendar);
        timelines[at] = timeline;
      }
      return statusAt(timeline, instantMs);
    });
  }
}

function cityOf(feed: string, stationsPerFeed: FleetOptions['stationsPerFeed']): City {
  const known = CITIES.find((city) => city.feed === feed);
  const elsewhere = CITIES[hashText(feed) % CITIES.length];
  const city = known ?? elsewhere;
  if (!city) throw new RangeError('the table of cities is empty');
  const stations = typeof stationsPerFeed === 'number' ? stationsPerFeed : stationsPerFeed?.[feed];
  if (
    stations !== undefined &&
    !(Number.isInteger(stations) && stations >= 0 && stations <= MOST_STATIONS_A_FEED)
  ) {
    throw new RangeError(`feed "${feed}" can't have ${stations} stations: at most ${MOST_STATIONS_A_FEED}`);
  }
  return { ...city, feed, stations: stations ?? city.stations };
}

/**
 * Assign a number to each feed. Known feeds have fixed numbers. The number of another feed depends on its name, and on
 * its position in the list if two names collide.
 */
function feedNumbers(feeds: readonly string[]): Map<string, number> {
  const numbers = new Map<string, number>();
  const taken = new Set<number>();
  for (const feed of feeds) {
    const known = CITIES.findIndex((city) => city.feed === feed);
    let number = known >= 0 ? known + 1 : 100 + (hashText(feed) % (MOST_FEEDS - 100));
    while (taken.has(number)) number++;
    taken.add(number);
    numbers.set(feed, number);
  }
  return numbers;
}
