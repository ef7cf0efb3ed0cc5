import { z } from 'zod';
import { STATUS_GROUPS } from '../../../warehouse/queries/now.js';
import { pageOf, pageParameters, pageSchema, stationId, stationNumber, text, toPage } from '../page.js';
import { Problem } from '../problem.js';
import { periodOf, periodParameters } from '../period.js';
import type { Web } from '../web.js';
import { eventFields } from './events.js';

const nowSchema = z.object({
  status: z.string().describe('As the feed gave it.'),
  status_group: z.enum(STATUS_GROUPS).describe('What it stands for.'),
  since: z.iso.datetime().describe('The first poll that showed it.'),
  since_at_least: z.boolean().describe('Whether it may have begun earlier: nobody looked.'),
  observed_at: z.iso.datetime().describe('The last poll that showed it.'),
  is_fresh: z.boolean().describe('Whether that is recent enough to hold now.'),
});

const connectorSchema = z.object({
  id_connector: z.string(),
  standard: z.string().nullable(),
  format: z.string().nullable(),
  power_type: z.string().nullable(),
  ampere: z.int().nullable().describe('A.'),
  voltage: z.int().nullable().describe('V.'),
  max_power: z.int().nullable().describe('kW.'),
});

export const pointSchema = z.object({
  id_cp: z.string(),
  id_cs: stationNumber.describe('Its station.'),
  evse_id: z.string().nullable(),
  physical_reference: z.string().nullable(),
  floor_level: z.string().nullable(),
  reservable: z.boolean().nullable(),
  capabilities: z.array(z.string()).nullable(),
  now: nowSchema.nullable().describe('Null where no poll has shown it yet.'),
  connectors: z.array(connectorSchema),
});

const historySchema = eventFields.extend({
  status: z.string(),
  status_group: z.enum(STATUS_GROUPS),
});

const key = z.strictObject({ id_cp: text });

/** Add the routes of charging points: their current status and its start, and their earlier statuses. */
export function chargingPointRoutes({ app, queries, state, timeZone }: Web): void {
  app.get(
    '/v1/charging-points',
    {
      config: { cachedBy: 'now' },
      schema: {
        tags: ['charging points'],
        summary: 'Charging points that are in service, with their status now and since when',
        querystring: z.strictObject({
          station: stationId.optional(),
          evse_id: text.optional(),
          city: text.optional().describe('Its name, in any case.'),
          feed: text.optional(),
          status_group: z
            .enum(STATUS_GROUPS)
            .optional()
            .describe('Only those seen lately with such a status.'),
          ...pageParameters(z.tuple([text])),
        }),
        response: { 200: pageSchema(pointSchema) },
      },
    },
    async (request, reply) => {
      const { limit, station, cursor, ...query } = request.query;
      const rows = await queries.points({ ...query, id_cs: station }, pageOf({ limit, cursor }));
      return toPage(request, reply, { rows, limit, position: ({ id_cp }) => [id_cp] });
    },
  );

  app.get(
    '/v1/charging-points/:id_cp',
    {
      config: { cachedBy: 'now' },
      schema: {
        tags: ['charging points'],
        summary: 'One charging point',
        params: key,
        response: { 200: pointSchema },
      },
    },
    async ({ params: { id_cp } }) => {
      const [point] = await queries.points({ id_cp }, { limit: 1 });
      if (!point) throw new Problem(404, `There is no charging point ${id_cp} in service.`);
      return point;
    },
  );

  app.get(
    '/v1/charging-points/:id_cp/history',
    {
      config: { cachedBy: 'days' },
      schema: {
        tags: ['charging points'],
        summary: 'The statuses that a charging point had, as far as days are loaded: a week by default',
        params: key,
        querystring: z.strictObject({ ...periodParameters, ...pageParameters(z.tuple([z.iso.datetime()])) }),
        response: { 200: pageSchema(historySchema) },
      },
    },
    async (request, reply) => {
      const { limit, cursor, ...query } = request.query;
      const { loaded } = await state();
      const period = periodOf(query, { loaded, timeZone, days: 7, most: 366 });
      const rows = await queries.history(request.params.id_cp, period, pageOf({ limit, cursor }));
      return toPage(request, reply, { rows, limit, position: ({ start_at }) => [start_at] });
    },
  );
}
