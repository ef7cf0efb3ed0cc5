import type { Store } from '../../../../src/stores/store.js';
import { addDays } from '../../../../src/domain/day.js';
import { slotsOfDay } from '../../../../src/domain/day.js';
import { DAY, envelope, point, putPoll, station, ZONE } from '../../../cleaning/support/polls.js';

/** Days whose answers {@link putDays} stores. */
export const DAYS = [DAY, addDays(DAY, 1), addDays(DAY, 2)];

/**
 * Store answers of two feeds on three days, one hour apart, with one case of everything:
 *
 * - a station that changes its name
 * - a charging point that both feeds show
 * - a charging point that is out of order at times
 * - a charging point with a parking sensor
 * - a charging point that disappears for good
 * - a charging point that can't be read
 * - a poll that can't be read
 */
export async function putDays(raw: Store): Promise<void> {
  const slots = DAYS.flatMap((day) => slotsOfDay(day, ZONE, 60));
  for (const [hour, slot] of slots.entries()) {
    const always = Array.from({ length: 6 }, (_, n) => point(`1${n}`, hour % 3 ? 'AVAILABLE' : 'CHARGING'));
    const faulty = point('16', hour % 11 < 2 ? 'OUTOFORDER' : 'AVAILABLE');
    const parkingsensor_status = hour % 4 < 2 ? 'OCCUPIED' : 'AVAILABLE';
    const sensed = point('17', hour % 3 ? 'AVAILABLE' : 'CHARGING', { parkingsensor_status });
    const leaving = hour < 10 ? [point('20')] : [];
    const broken = hour === 5 ? [point('21', 7)] : [];
    const name = hour < 30 ? 'Säule "A", links' : 'Säule B';
    const hours = {
      twentyfourseven: false,
      regular_hours: [{ weekday: 1, period_begin: '08:00', period_end: '18:00' }],
    };
    const stations = [
      station('1', [...always, faulty, sensed, ...leaving, ...broken], { name, opening_times: hours }),
    ];
    await putPoll(raw, { slot, feed: 'koeln', body: envelope(slot, stations) });
    const shared = hour % 4 === 0 ? [point('10')] : [];
    await putPoll(raw, {
      slot,
      feed: 'bonn',
      body: envelope(slot, [station('2', [point('30'), point('31'), ...shared])]),
    });
  }
  await putPoll(raw, {
    slot: slots[0] ?? NaN,
    feed: 'koeln',
    body: Buffer.from('<html>'),
    receivedMs: (slots[0] ?? NaN) + 1000,
  });
}
