import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { After, PageOf } from '../../warehouse/queries/query.js';

/** Number of rows in one response. */
const DEFAULT_LIMIT = 100;
const MOST_ROWS = 1000;

/** Schema of texts that Postgres can compare, in the form of the warehouse's texts (NFC). */
export const text = z
  .string()
  .min(1)
  .max(200)
  .normalize('NFC')
  .refine((value) => !/[\0\uD800-\uDFFF]/u.test(value), 'has characters that no text has');

export const number = (least: number, most: number) => z.coerce.number().min(least).max(most);

export const wholeNumber = (least: number, most: number) => z.coerce.number().int().min(least).max(most);

/** Without this format, generated clients would use 32 bits. */
const INT64 = { format: 'int64' };

/** Schema of a station's number in a response. It has 53 bits at most, so that JSON can represent it. */
export const stationNumber = z.int().meta(INT64);

/** Schema of a station's number in a request. */
export const stationId = wholeNumber(Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER)
  .meta(INT64)
  .describe('Number of a charging station (`id_cs`).');

/**
 * Return the parameters of a page. `position` is the schema of the values that rows are sorted by. The format of the
 * cursor is internal to this program.
 */
export const pageParameters = (position: z.ZodType<After>) => ({
  limit: wholeNumber(1, MOST_ROWS).default(DEFAULT_LIMIT).describe(`Rows at most, 1 to ${MOST_ROWS}.`),
  cursor: z
    .string()
    .max(1000)
    .transform((value, context): After => {
      const after = position.safeParse(parseJson(Buffer.from(value, 'base64url').toString()));
      if (after.success) return after.data;
      context.addIssue('no cursor of this list: follow "next"');
      return z.NEVER;
    })
    .optional()
    .describe('Where the page begins: as `next` of the page before has it.'),
});

function parseJson(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}

/** Return the schema of a page: its rows, and the address of the next page, which is null on the last page. */
export const pageSchema = <Row extends z.ZodType>(row: Row) =>
  z.object({
    data: z.array(row),
    next: z.string().nullable().describe('Address of the next page; null behind the last one.'),
  });

/** Return the page to query. It has one row more than requested, which tells whether there is a next page. */
export function pageOf(query: { limit: number; cursor?: After | undefined }): PageOf {
  return { limit: query.limit + 1, after: query.cursor };
}

/**
 * Remove the additional row of {@link pageOf}, and add the address of the next page, which begins after the last row.
 */
export function toPage<Row>(
  request: FastifyRequest,
  reply: FastifyReply,
  { rows, limit, position }: { rows: Row[]; limit: number; position: (row: Row) => After },
): { data: Row[]; next: string | null } {
  const data = rows.slice(0, limit);
  const last = data.at(-1);
  if (rows.length <= limit || last === undefined) return { data, next: null };
  const url = new URL(request.url, 'http://localhost');
  url.searchParams.set('cursor', Buffer.from(JSON.stringify(position(last))).toString('base64url'));
  const next = `${url.pathname}${url.search}`;
  void reply.header('link', `<${next}>; rel="next"`);
  return { data, next };
}
