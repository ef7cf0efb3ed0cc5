import { z } from 'zod';
import { toGeoJson } from '../../exchange/geojson.js';
import type { Station } from '../../../warehouse/queries/stations.js';
import {
  number,
  pageOf,
  pageParameters,
  pageSchema,
  stationId,
  stationNumber,
  text,
  toPage,
  wholeNumber,
} from '../page.js';
import { Problem } from '../problem.js';
import type { Web } from '../web.js';
import { pointSchema } from './chargingPoints.js';

const stationSchema = z.object({
  id_cs: stationNumber,
  name: z.string().nullable(),
  address: z.string().nullable(),
  postal_code: z.string().nullable(),
  city: z.string().nullable(),
  country: z.string().nullable().describe('ISO 3166-1 alpha-2.'),
  longitude: z.number().nullable().describe('Degrees, EPSG:4326.'),
  latitude: z.number().nullable().describe('Degrees, EPSG:4326.'),
  operator: z.string().nullable(),
  open_24_7: z.boolean().nullable(),
  max_power: z.number().nullable().describe('kW of its strongest connector.'),
  power_class: z.string().nullable().describe('HPC from 150 kW on, else DC or AC.'),
  standards: z.array(z.string()).describe('Plugs, such as IEC_62196_T2.'),
  charging_points: z.int(),
  available: z.int().describe('Charging points that are available now.'),
  occupied: z.int(),
  out_of_service: z.int(),
  unknown: z.int().describe('Charging points whose feed does not know, or that were not seen lately.'),
  observed_at: z.iso.datetime().nullable().describe('The last slot that showed one of them.'),
  distance: z.int().optional().describe('Metres, with `near`.'),
});

/** Schema of a list of degrees, separated by commas. */
const degrees = (names: string[], ranges: (readonly [number, number])[]) =>
  z
    .string()
    .regex(new RegExp(`^${names.map(() => DEGREES).join(',')}$`), `degrees, as in ${names.join(',')}`)
    .transform((list) => list.split(',').map(Number))
    .refine((list) => list.every((value, index) => isWithin(value, ranges[index])), 'out of range')
    .describe(`Degrees, EPSG:4326: ${names.join(',')}.`);

const DEGREES = String.raw`-?\d{1,3}(\.\d{1,15})?`;

function isWithin(value: number, [least, most]: readonly [number, number] = [0, 0]): boolean {
  return value >= least && value <= most;
}

const LONGITUDES = [-180, 180] as const;
const LATITUDES = [-90, 90] as const;

const filters = {
  bbox: degrees(['west', 'south', 'east', 'north'], [LONGITUDES, LATITUDES, LONGITUDES, LATITUDES])
    .transform((list) => list as readonly number[] as readonly [number, number, number, number])
    .refine(
      ([west, south, east, north]) => west <= east && south <= north,
      'west,south must be the lower left corner',
    )
    .optional(),
  near: degrees(['longitude', 'latitude'], [LONGITUDES, LATITUDES])
    .transform((list) => list as readonly number[] as readonly [number, number])
    .optional(),
  radius: wholeNumber(1, 100_000).default(5_000).describe('Metres around `near`.'),
  city: text.optional().describe('Its name, in any case.'),
  postal_code: text.optional(),
  operator: text.optional().describe('Its name, in any case.'),
  min_power: number(0, 10_000).optional().describe('kW.'),
  power_class: z.enum(['AC', 'DC', 'HPC']).optional(),
  standard: text.optional().describe('A plug, such as IEC_62196_T2_COMBO.'),
  free: z
    .enum(['true', 'false'])
    .optional()
    .describe('Only those with a charging point that is available now.'),
};

const query = z.strictObject({
  ...filters,
  ...pageParameters(z.union([z.tuple([z.int()]), z.tuple([z.number(), z.int()])])),
});

type Query = z.infer<typeof query>;

const geometry = z.object({ type: z.literal('Point'), coordinates: z.array(z.number()).length(2) });
const geoJsonSchema = z.object({
  type: z.literal('FeatureCollection'),
  features: z.array(
    z.object({
      type: z.literal('Feature'),
      id: stationNumber,
      geometry: geometry.nullable(),
      properties: stationSchema.omit({ longitude: true, latitude: true }),
    }),
  ),
});

/** A station with its exact distance, which is its position in the list of the nearest stations. */
type WithExactDistance = Station & { exactDistance?: number };

function withoutExactDistance(read: WithExactDistance): Station {
  const station = { ...read };
  delete station.exactDistance;
  return station;
}

/** Add the routes of charging stations: their locations, and their current availability. */
export function stationRoutes({ app, queries }: Web): void {
  const read = async ({ limit, cursor, radius, near, free, ...rest }: Query) => {
    if (cursor && cursor.length !== (near ? 2 : 1))
      throw new Problem(400, 'cursor: no cursor of this list: follow "next"');
    const centre = near && { longitude: near[0], latitude: near[1], radius };
    const rows = await queries.stations(
      { ...rest, near: centre, free: free === 'true' },
      pageOf({ limit, cursor }),
    );
    return rows as WithExactDistance[];
  };
  const positionOf = ({ exactDistance, id_cs }: WithExactDistance) =>
    exactDistance === undefined ? [id_cs] : [exactDistance, id_cs];

  app.get(
    '/v1/stations',
    {
      config: { cachedBy: 'now' },
      schema: {
        tags: ['stations'],
        summary:
          'Charging stations that are in service, with what is free now; the nearest first with `near`',
        querystring: query,
        response: { 200: pageSchema(stationSchema) },
      },
    },
    async (request, reply) => {
      const { limit } = request.query;
      const page = toPage(request, reply, { rows: await read(request.query), limit, position: positionOf });
      return { ...page, data: page.data.map(withoutExactDistance) };
    },
  );

  app.get(
    '/v1/stations.geojson',
    {
      config: { cachedBy: 'now' },
      schema: {
        tags: ['stations'],
        summary: 'The same as GeoJSON; the header Link says where it goes on',
        querystring: query,
        response: {
          200: { description: 'GeoJSON', content: { 'application/geo+json': { schema: geoJsonSchema } } },
        },
      },
    },
    async (request, reply) => {
      const { limit } = request.query;
      const { data } = toPage(request, reply, {
        rows: await read(request.query),
        limit,
        position: positionOf,
      });
      void reply.type('application/geo+json');
      return toGeoJson(data.map(withoutExactDistance));
    },
  );

  app.get(
    '/v1/stations/:id_cs',
    {
      config: { cachedBy: 'now' },
      schema: {
        tags: ['stations'],
        summary: 'One charging station with its charging points',
        params: z.strictObject({ id_cs: stationId }),
        response: { 200: stationSchema.extend({ points: z.array(pointSchema) }) },
      },
    },
    async ({ params: { id_cs } }) => {
      const [station] = await queries.stations({ id_cs }, { limit: 1 });
      if (!station) throw new Problem(404, `There is no charging station ${id_cs} in service.`);
      return { ...station, points: await queries.points({ id_cs }, { limit: 1000 }) };
    },
  );
}
