import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { evseSchema, locationSchema, toOcpi } from '../../exchange/ocpi.js';
import { toLocations } from '../../../warehouse/queries/locations.js';
import { hostOf } from '../hostCheck.js';
import { stationId, text, wholeNumber } from '../page.js';
import { Problem } from '../problem.js';
import type { Web } from '../web.js';

/** Largest number of Locations in one response. OCPI leaves this limit to the server. */
const MOST_LOCATIONS = 200;
const DEFAULT_LOCATIONS = 50;
/** OCPI status code: generic success (section 5.1). */
const SUCCESS = 1000;

const envelope = <Data extends z.ZodType>(data: Data) =>
  z.object({
    data,
    status_code: z.literal(SUCCESS),
    status_message: z.string(),
    timestamp: z.iso.datetime(),
  });

const changed = z.iso
  .datetime({ local: true, offset: true, error: 'an instant such as 2022-01-31T10:20:00Z' })
  .transform((instant) => Date.parse(/Z|[+-]\d\d:?\d\d$/.test(instant) ? instant : `${instant}Z`))
  .optional();

const versionSchema = z.object({ version: z.literal('2.2.1'), url: z.string() });
const endpointSchema = z.object({
  identifier: z.literal('locations'),
  role: z.literal('SENDER'),
  url: z.string(),
});

/** Add the routes of Locations in the role of a sender of OCPI 2.2.1. They are public, without credentials. */
export function ocpiRoutes({ app, queries, timeZone }: Web): void {
  const wrap = <Data>(data: Data) => ({
    data,
    status_code: SUCCESS as 1000,
    status_message: 'Success',
    timestamp: new Date().toISOString(),
  });
  const tags = ['OCPI'];

  app.get(
    '/ocpi/versions',
    {
      schema: { tags, summary: 'The versions of OCPI', response: { 200: envelope(z.array(versionSchema)) } },
    },
    (request) => wrap([{ version: '2.2.1' as const, url: `${baseOf(request)}/ocpi/2.2.1` }]),
  );

  const details = z.object({ version: z.literal('2.2.1'), endpoints: z.array(endpointSchema) });
  app.get(
    '/ocpi/2.2.1',
    { schema: { tags, summary: 'The modules of OCPI 2.2.1', response: { 200: envelope(details) } } },
    (request) => {
      const url = `${baseOf(request)}/ocpi/2.2.1/locations`;
      const locations = { identifier: 'locations' as const, role: 'SENDER' as const, url };
      return wrap({ version: '2.2.1' as const, endpoints: [locations] });
    },
  );

  app.get(
    '/ocpi/2.2.1/locations',
    {
      schema: {
        tags,
        summary: 'Charging stations as Locations: page by page, all, or those that changed in a time',
        querystring: z.strictObject({
          offset: wholeNumber(0, 10_000_000).default(0),
          limit: wholeNumber(1, 1_000_000).default(DEFAULT_LOCATIONS),
          date_from: changed.describe('Changed at or after it.'),
          date_to: changed.describe('Changed before it.'),
        }),
        response: { 200: envelope(z.array(locationSchema)) },
      },
    },
    async (request, reply) => {
      const { offset, date_from, date_to } = request.query;
      const limit = Math.min(request.query.limit, MOST_LOCATIONS);
      const query = { offset, limit, changedFrom: date_from, changedTo: date_to };
      const { locations, total } = toLocations(await queries.locations(query));
      void reply.headers({ 'x-total-count': total, 'x-limit': MOST_LOCATIONS });
      if (offset + limit < total) linkNext(request, reply, { offset: offset + limit, limit });
      return wrap(locations.map((location) => toOcpi(location, timeZone)).filter((sent) => sent !== null));
    },
  );

  const locationOf = async (id: number) => {
    const { locations } = toLocations(await queries.locations({ offset: 0, limit: 1, id_cs: id }));
    const sent = locations[0] && toOcpi(locations[0], timeZone);
    if (!sent) throw new Problem(404, `There is no location ${id}.`);
    return sent;
  };

  app.get(
    '/ocpi/2.2.1/locations/:location_id',
    {
      schema: {
        tags,
        summary: 'One Location',
        params: z.strictObject({ location_id: stationId }),
        response: { 200: envelope(locationSchema) },
      },
    },
    async ({ params }) => wrap(await locationOf(params.location_id)),
  );

  app.get(
    '/ocpi/2.2.1/locations/:location_id/:evse_uid',
    {
      schema: {
        tags,
        summary: 'One EVSE of a Location',
        params: z.strictObject({ location_id: stationId, evse_uid: text }),
        response: { 200: envelope(evseSchema) },
      },
    },
    async ({ params: { location_id, evse_uid } }) => {
      const evse = (await locationOf(location_id)).evses?.find(({ uid }) => uid === evse_uid);
      if (!evse) throw new Problem(404, `Location ${location_id} has no EVSE ${evse_uid}.`);
      return wrap(evse);
    },
  );

  app.get(
    '/ocpi/2.2.1/locations/:location_id/:evse_uid/:connector_id',
    {
      schema: {
        tags,
        summary: 'One Connector of an EVSE',
        params: z.strictObject({ location_id: stationId, evse_uid: text, connector_id: text }),
        response: { 200: envelope(evseSchema.shape.connectors.element) },
      },
    },
    async ({ params: { location_id, evse_uid, connector_id } }) => {
      const evse = (await locationOf(location_id)).evses?.find(({ uid }) => uid === evse_uid);
      const connector = evse?.connectors.find(({ id }) => id === connector_id);
      if (!connector) throw new Problem(404, `EVSE ${evse_uid} has no connector ${connector_id}.`);
      return wrap(connector);
    },
  );

  function linkNext(request: FastifyRequest, reply: FastifyReply, next: { offset: number; limit: number }) {
    const url = new URL(request.url, baseOf(request));
    for (const [name, value] of Object.entries(next)) url.searchParams.set(name, String(value));
    void reply.header('link', `<${url.href}>; rel="next"`);
  }
}

/** Return the base URL by which the client addresses this API. */
function baseOf({ protocol, host }: FastifyRequest): string {
  if (hostOf(host) === null)
    throw new Problem(400, 'Neither Host nor X-Forwarded-Host says by which name this API is asked.');
  return `${protocol === 'https' ? 'https' : 'http'}://${host}`;
}
