import { z } from 'zod';
import { BUCKETS } from '../../../warehouse/queries/utilization.js';
import { stationId, text } from '../page.js';
import { Problem } from '../problem.js';
import { periodOf, periodParameters } from '../period.js';
import type { Web } from '../web.js';

/**
 * Largest number of days in one response: for hours, to limit its size; for a city, to limit the time of its query.
 */
const MOST_DAYS = { hour: 31, city: 31, other: 366 };

const share = z.number().nullable();
const minutes = z.int();

const utilizationSchema = z.object({
  bucket: z
    .union([z.string(), z.int()])
    .describe(
      'An instant, a local day (of weeks and months their first), a local hour 0 to 23, or a weekday 0 (Sunday) to 6.',
    ),
  available_minutes: minutes,
  occupied_minutes: minutes,
  charging_minutes: minutes.describe('Those of the occupied in which a vehicle was charged.'),
  out_of_service_minutes: minutes,
  unknown_minutes: minutes,
  unobserved_minutes: minutes.describe('Minutes in which nobody looked.'),
  charging_starts: z.int(),
  utilization: share.describe('Occupied minutes of those whose status is known.'),
  uptime: share.describe('Available and occupied minutes of those whose status is known.'),
  uptime_strict: share.describe('The same, with minutes of unknown status counted as down.'),
  observed_share: share.describe('How much of it was seen.'),
});

/** Add the route of utilization and uptime. */
export function utilizationRoutes({ app, queries, state, timeZone }: Web): void {
  app.get(
    '/v1/utilization',
    {
      config: { cachedBy: 'days' },
      schema: {
        tags: ['utilization'],
        summary:
          'Utilization and uptime of a charging point, a station or a city; by default, four weeks by day',
        querystring: z.strictObject({
          charging_point: text.optional(),
          station: stationId.optional(),
          city: text.optional(),
          by: z.enum(BUCKETS).default('day'),
          ...periodParameters,
        }),
        response: {
          200: z.object({ from: z.iso.date(), to: z.iso.date(), data: z.array(utilizationSchema) }),
        },
      },
    },
    async ({ query }) => {
      const { charging_point, station, city, by, ...days } = query;
      if ([charging_point, station, city].filter((of) => of !== undefined).length !== 1)
        throw new Problem(400, 'name one of charging_point, station and city');
      const { loaded } = await state();
      const most = city !== undefined ? MOST_DAYS.city : by === 'hour' ? MOST_DAYS.hour : MOST_DAYS.other;
      const period = periodOf(days, { loaded, timeZone, days: by === 'hour' ? 7 : 28, most });
      const filter = { id_cs: station, city };
      const ids =
        charging_point === undefined
          ? (await queries.members(filter)).map(({ id_cp }) => id_cp)
          : [charging_point];
      const data = await queries.utilization(ids, filter, period, by);
      return { from: period.from, to: period.to, data };
    },
  );
}
