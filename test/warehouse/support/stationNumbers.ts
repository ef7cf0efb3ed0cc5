import { hashedStationNumber } from '../../../src/domain/identity.js';
import type { Store } from '../../../src/stores/store.js';
import { DAY, envelope, point, putPoll, slotAt, station } from '../../cleaning/support/polls.js';
import { location } from '../../sources/ocpi/locations.js';

const SOURCE_ID = 'DE*ABC*L20';
/**
 * `id_cs` of an OCPI station. It has 16 digits and is odd, so that a number of fewer than 53 bits can't hold it
 * exactly.
 */
export const NUMBER = -8792617443241051;
/** `id_cs` of a ChargeCloud station, which is the feed's own number. */
export const OWN_NUMBER = 326;

/** Store two polls of an OCPI feed and of a ChargeCloud feed, each with one station. */
export async function putStations(raw: Store): Promise<void> {
  if (hashedStationNumber('ocpi', SOURCE_ID) !== NUMBER)
    throw new Error('the number of the station has changed');
  for (const index of [0, 1]) {
    const slot = slotAt(index);
    const stations = [location({ id: SOURCE_ID }, { status: 'CHARGING' })];
    await putPoll(raw, { slot, source: 'ocpi', feed: 'bonn', body: envelope(slot, stations) });
    const own = station(String(OWN_NUMBER), [point('11')], {
      country: 'DEU',
      coordinates: { latitude: '48.6', longitude: '8.6' },
    });
    await putPoll(raw, { slot, feed: 'koeln', body: envelope(slot, [own]) });
  }
}

/** Arguments of `ladepuls` for a report of the day by station. */
export const REPORT = ['report', 'utilization', '--by', 'station', '--from', DAY, '--to', DAY];
