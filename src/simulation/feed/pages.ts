import { z } from 'zod';

/** The ways in which a page says where the next one is. */
export const PAGING_WAYS = ['link', 'next', 'next_offset', 'total'] as const;

/** How a simulated feed divides its answers into pages. */
export const pagingSchema = z.strictObject({
  /** Stations on a page. */
  size: z.int().positive(),
  way: z.enum(PAGING_WAYS).default('link'),
  /** The total number of stations that a page promises. Default: the right one. */
  total: z.int().nonnegative().optional(),
  /** Stations of the page before that each page repeats. Default: none. */
  overlap: z.int().nonnegative().default(0),
});

export type Paging = z.output<typeof pagingSchema>;
/** A paging as input, in which members with defaults may be absent. */
export type PagingInput = z.input<typeof pagingSchema>;

/** One page: its body, and the headers about other pages. */
export interface ServedPage {
  body: string;
  headers: Record<string, string>;
}

/** A whole answer that is served in pages. */
export interface PagedAnswer {
  data: unknown[];
  envelope: object;
}

/** Parse the JSON of a whole answer, with its stations in `data`. */
export function parseAnswer(answer: string): PagedAnswer {
  const { data, ...envelope } = JSON.parse(answer) as { data: unknown[] };
  return { data, envelope };
}

/**
 * Cut a page out of a whole answer.
 *
 * @param url address of the request, whose parameter `offset` says which station the page begins with
 */
export function pageOf({ data, envelope }: PagedAnswer, url: URL, paging: Paging): ServedPage {
  const offset = offsetOf(url);
  const end = offset + paging.size;
  const stations = data.slice(Math.max(0, offset - paging.overlap), end);
  const total = paging.total ?? data.length;
  const nextOffset = end < data.length ? end : null;
  const headers: Record<string, string> = {};
  if (paging.way === 'link' || paging.way === 'total')
    Object.assign(headers, { 'X-Total-Count': String(total), 'X-Limit': String(paging.size) });
  if (paging.way === 'link' && nextOffset !== null)
    headers.Link = `<${addressAt(url, nextOffset)}>; rel="next"`;
  if (paging.way === 'next_offset')
    return {
      headers,
      body: JSON.stringify({ items: stations, total_count: total, next_offset: nextOffset }),
    };
  if (paging.way !== 'next') return { headers, body: JSON.stringify({ ...envelope, data: stations }) };
  const next = nextOffset === null ? null : addressAt(url, nextOffset);
  return { headers, body: JSON.stringify({ ...envelope, data: stations, next }) };
}

/** Return the offset that a request asks for: 0 for the first page. */
export function offsetOf(url: URL): number {
  return Number(url.searchParams.get('offset') ?? 0);
}

function addressAt(url: URL, offset: number): string {
  const next = new URL(url);
  next.searchParams.set('offset', String(offset));
  return next.href;
}
