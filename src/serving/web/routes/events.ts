import { z } from 'zod';
import { pageOf, pageParameters, pageSchema, stationId, text, toPage } from '../page.js';
import { periodOf, periodParameters } from '../period.js';
import type { Web } from '../web.js';

const cut = z.string().nullable();

export const eventFields = z.object({
  id_cp: z.string(),
  start_at: z.iso.datetime().describe('The first poll that showed it.'),
  end_at: z.iso.datetime().describe('The end of what the last one showed.'),
  day: z.iso.date().describe('The local day of the start.'),
  duration_minutes: z.int(),
  unobserved_minutes: z.int().describe('Those in which nobody looked.'),
  status_before: z.string().nullable().describe('Null when not observed.'),
  status_after: z.string().nullable().describe('Null when not observed.'),
  start_cut: cut.describe('`gap` or `edge`, where it may have begun earlier.'),
  end_cut: cut.describe('`gap` or `edge`, where it may have lasted longer.'),
});

/** Add the route of charging events on loaded days. */
export function eventRoutes({ app, queries, state, timeZone }: Web): void {
  app.get(
    '/v1/charging-events',
    {
      config: { cachedBy: 'days' },
      schema: {
        tags: ['charging events'],
        summary: 'When vehicles were charged, in the order of time: by default, the last day that is loaded',
        querystring: z.strictObject({
          charging_point: text.optional(),
          station: stationId.optional(),
          city: text.optional(),
          ...periodParameters,
          ...pageParameters(z.tuple([z.iso.date(), z.iso.datetime(), text])),
        }),
        response: { 200: pageSchema(eventFields) },
      },
    },
    async (request, reply) => {
      const { limit, cursor, charging_point, station, city, ...query } = request.query;
      const { loaded } = await state();
      const period = periodOf(query, { loaded, timeZone, days: 1, most: 366 });
      const of = { id_cp: charging_point, id_cs: station, city };
      const rows = await queries.chargingEvents(of, period, pageOf({ limit, cursor }));
      return toPage(request, reply, {
        rows,
        limit,
        position: ({ day, start_at, id_cp }) => [day, start_at, id_cp],
      });
    },
  );
}
