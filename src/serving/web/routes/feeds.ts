import { z } from 'zod';
import { pageOf, pageParameters, pageSchema, text, toPage } from '../page.js';
import { periodOf, periodParameters } from '../period.js';
import type { Web } from '../web.js';

const counts = {
  expected: z.int().describe('Slots in which the feed was to be polled.'),
  stored: z.int().describe('Slots with an accepted answer.'),
  failed: z.int().describe('Slots with only rejected or excluded answers.'),
  missed: z.int().describe('Slots with no answer at all.'),
  incomplete: z
    .int()
    .nullable()
    .describe('Polls that were loaded and are not complete: what such a poll lacks is not taken for absent.'),
  incomplete_reasons: z
    .string()
    .nullable()
    .describe(
      'Why these polls are not complete, separated by commas: empty, partial, shrunk, unreadable_ids, foreign_poll.',
    ),
};

const feedSchema = z.object({
  feed: z.string(),
  slot: z.iso.datetime().nullable().describe('Its last poll; null where it was imported only.'),
  outcome: z.enum(['stored', 'failed', 'missed']).nullable(),
  reason: z.string().nullable().describe('Why it is not stored, such as timeout, http_500 or paused.'),
  stored_slot: z.iso.datetime().nullable().describe('Its last accepted answer.'),
  charging_points: z.int().nullable().describe('Charging points in that.'),
  incomplete: z
    .string()
    .nullable()
    .describe('Why that answer is not complete: empty, partial, shrunk, unreadable_ids, foreign_poll. Null if it is complete.'),
  is_fresh: z.boolean().describe('Whether that is recent enough to hold now.'),
  loaded: z
    .object({ day: z.iso.date(), ...counts })
    .nullable()
    .describe('What became of its slots on the last day that is loaded.'),
});

const coverageSchema = z.object({
  feed: z.string(),
  day: z.iso.date(),
  ...counts,
  stored_percent: z.number().nullable(),
});

/** Add the routes of the state of feeds and of their coverage. */
export function feedRoutes({ app, queries, state, timeZone }: Web): void {
  app.get(
    '/v1/feeds',
    {
      config: { cachedBy: 'now' },
      schema: {
        tags: ['feeds'],
        summary: 'How every feed is: its last poll, its last accepted answer, its last day',
        response: { 200: z.object({ data: z.array(feedSchema) }) },
      },
    },
    async () => ({ data: await queries.feeds() }),
  );

  app.get(
    '/v1/coverage',
    {
      config: { cachedBy: 'days' },
      schema: {
        tags: ['feeds'],
        summary: 'What became of the slots of each feed’s days: a week by default',
        querystring: z.strictObject({
          feed: text.optional(),
          ...periodParameters,
          ...pageParameters(z.tuple([z.iso.date(), text])),
        }),
        response: { 200: pageSchema(coverageSchema) },
      },
    },
    async (request, reply) => {
      const { limit, cursor, feed, ...query } = request.query;
      const { loaded } = await state();
      const period = periodOf(query, { loaded, timeZone, days: 7, most: 3660 });
      const rows = await queries.coverage({ feed }, period, pageOf({ limit, cursor }));
      return toPage(request, reply, { rows, limit, position: ({ day, feed: name }) => [day, name] });
    },
  );
}
