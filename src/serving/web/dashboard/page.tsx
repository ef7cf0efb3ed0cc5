import { localTime } from '../../../domain/localTime.js';
import { utilization } from '../../../domain/shares.js';
import { formatValue } from '../../ui/value.js';
import { Document, type Figure, Figures, Headings, Picture, toHtml } from '../../ui/document.js';
import { drawMap } from '../../ui/map.js';
import type { CityNow } from '../../../warehouse/queries/cities.js';
import type { FeedNow } from '../../../warehouse/queries/feeds.js';

/** Interval in seconds at which the browser reloads the page, because current data changes with each poll. */
const REFRESH_SECONDS = 60;
/** Largest number of rows in a table. Longer lists are available in the API. */
const MOST_ROWS = 100;
/**
 * Largest number of cities on the map; the largest cities are shown. More cities would overlap, and make the page
 * large.
 */
const MOST_LOCATIONS = 1000;
const COUNTED = ['available', 'occupied', 'out_of_service', 'unknown'] as const;

/** Data that the dashboard shows. */
export interface DashboardContent {
  cities: CityNow[];
  feeds: FeedNow[];
  /** Last loaded day; null when no day is loaded. */
  loaded: string | null;
  /** URL of the picture of the last days. */
  hoursImage: string;
  /** Time zone in which instants are shown. */
  timeZone: string;
  isSimulated: boolean;
}

/** Render the dashboard: the current data and the days before, as an HTML page. */
export function dashboardPage(content: DashboardContent): string {
  return toHtml(<Dashboard {...content} />);
}

function Dashboard({ cities, feeds, loaded, hoursImage, timeZone, isSimulated }: DashboardContent) {
  const map = drawMap(locationsOf(cities), 'share');
  return (
    <Document title="Ladepuls" hasImages refreshSeconds={REFRESH_SECONDS}>
      <header>
        <p class="brand">Ladepuls</p>
        <h1>Public charging points, now and in the last days</h1>
        {isSimulated && (
          <p>
            <strong>SIMULATED data: no station, operator or status in here is a real one.</strong>
          </p>
        )}
        <p>
          <a href="docs">The API</a> answers what is not shown here.
        </p>
      </header>
      <Figures figures={figuresOf(cities, feeds, loaded, timeZone)} />
      {cities.length === 0 && <p>Nothing is loaded yet: stations appear once a day with them is.</p>}
      <div class={map ? 'beside' : 'alone'}>
        <div>
          {loaded !== null && (
            <figure>
              <figcaption>All charging points, hour by hour, up to {loaded}</figcaption>
              <img src={hoursImage} alt="Share of charging points in each state, hour by hour" />
            </figure>
          )}
          <Cities cities={cities} />
        </div>
        {map && (
          <Picture
            title="In use now, by city: the darker the busier, the larger the more stations"
            svg={map}
          />
        )}
      </div>
      <Feeds feeds={feeds} timeZone={timeZone} />
      <footer>
        <p>
          Unknown: its feed does not know, or it was not seen lately. In use: occupied charging points of
          those whose status is known. Times are those of {timeZone}.
        </p>
      </footer>
    </Document>
  );
}

function figuresOf(cities: CityNow[], feeds: FeedNow[], loaded: string | null, timeZone: string): Figure[] {
  const count = (of: (city: CityNow) => number) =>
    formatValue(
      cities.reduce((sum, city) => sum + of(city), 0),
      { kind: 'count' },
    );
  const polled = latest(feeds.map(({ stored_slot }) => stored_slot));
  return [
    { name: 'charging points', value: count((city) => city.charging_points) },
    ...COUNTED.map((group) => ({ name: nameOf(group), value: count((city) => city[group]) })),
    { name: 'stations', value: count(({ stations }) => stations) },
    {
      name: 'feeds that answer',
      value: `${feeds.filter(({ is_fresh }) => is_fresh).length} of ${feeds.length}`,
    },
    { name: 'last accepted answer', value: timeOf(polled, timeZone) || 'none' },
    { name: 'loaded up to', value: loaded ?? 'nothing' },
  ];
}

/** Return the largest cities with known coordinates and known utilization. */
function locationsOf(cities: CityNow[]) {
  const locations = cities.flatMap((city) => {
    const { longitude, latitude, stations } = city;
    const measure = utilization(city);
    if (longitude === null || latitude === null || measure === null) return [];
    return [{ name: nameOfCity(city), longitude, latitude, stations, measure }];
  });
  return locations.slice(0, MOST_LOCATIONS);
}

function Cities({ cities }: { cities: CityNow[] }) {
  if (cities.length === 0) return null;
  return (
    <section>
      <h2>Cities</h2>
      <table>
        <Headings
          texts={['city']}
          numbers={['stations', 'charging points', ...COUNTED.map(nameOf), 'in use']}
        />
        <tbody>
          {cities.slice(0, MOST_ROWS).map((city) => (
            <tr>
              <th scope="row">
                {city.city ? (
                  <a href={`v1/stations?city=${encodeURIComponent(city.city)}`}>{city.city}</a>
                ) : (
                  nameOfCity(city)
                )}
              </th>
              {[city.stations, city.charging_points, ...COUNTED.map((group) => city[group])].map((value) => (
                <td class="number">{formatValue(value, { kind: 'count' })}</td>
              ))}
              <td class="number">{formatValue(utilization(city), { kind: 'share' })}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <More rows={cities.length} />
    </section>
  );
}

/** Render the table of feeds. Feeds without a recent answer come first. */
function Feeds({ feeds, timeZone }: { feeds: FeedNow[]; timeZone: string }) {
  if (feeds.length === 0) return null;
  const sorted = feeds.toSorted((a, b) => Number(a.is_fresh) - Number(b.is_fresh));
  return (
    <section>
      <h2>Feeds</h2>
      <table>
        <Headings
          texts={['feed', 'last poll', 'became', 'last accepted answer']}
          numbers={['charging points', 'stored on the last loaded day']}
        />
        <tbody>
          {sorted.slice(0, MOST_ROWS).map((feed) => (
            <tr>
              <th scope="row">{feed.feed}</th>
              <td>{timeOf(feed.slot, timeZone) || 'never'}</td>
              <td>{outcomeOf(feed)}</td>
              <td>{timeOf(feed.stored_slot, timeZone)}</td>
              <td class="number">{formatValue(feed.charging_points, { kind: 'count' })}</td>
              <td class="number">{storedOf(feed)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <More rows={feeds.length} />
    </section>
  );
}

/** Return the outcome of the last poll, and why it is not stored or not complete. */
function outcomeOf({ outcome, reason, incomplete }: FeedNow): string {
  if (outcome === 'stored' && incomplete !== null) return `stored, incomplete: ${incomplete}`;
  return [outcome, reason].filter((text) => text !== null).join(': ');
}

/** Return how many slots of the last loaded day are stored, and how many of these polls are not complete and why. */
function storedOf({ loaded }: FeedNow): string {
  if (!loaded || loaded.expected === 0) return '';
  const stored = `${loaded.stored} of ${loaded.expected}`;
  return loaded.incomplete
    ? `${stored}, ${loaded.incomplete} incomplete: ${loaded.incomplete_reasons}`
    : stored;
}

function More({ rows }: { rows: number }) {
  return rows > MOST_ROWS ? <p>{`The first ${MOST_ROWS} of ${rows}.`}</p> : null;
}

function nameOfCity({ city }: CityNow): string {
  return city ? city : 'not known';
}

function nameOf(group: string): string {
  return group.replaceAll('_', ' ');
}

/** Return the latest of some instants in ISO 8601 and UTC. Their alphabetical order is their order in time. */
function latest(instants: (string | null)[]): string | null {
  return instants.reduce((last, instant) => ((instant ?? '') > (last ?? '') ? instant : last), null);
}

function timeOf(instant: string | null, timeZone: string): string {
  return instant === null ? '' : localTime(Date.parse(instant), timeZone);
}
