import { shownUrl } from '../domain/shownUrl.js';

/** What the body of a page says about the other pages of the same answer. */
export interface PageLinks {
  /** Address or cursor of the next page; null when the body names none. */
  next: string | null;
  /** Offset of the first record of the next page; null when the body names none. */
  nextOffset: number | null;
  /** Number of records on all pages together; null when the body does not say. */
  total: number | null;
}

/** The response headers that say where the next page is. */
export const PAGE_HEADERS = ['link', 'x-total-count'] as const;

/** A page, as far as paging depends on it. */
export interface Page {
  /** The header values, by lower-case name. */
  headers: Partial<Record<(typeof PAGE_HEADERS)[number], string>>;
  links: PageLinks;
  /** Number of records on this page: stations for a feed of stations. */
  records: number;
}

/** Why a poll ends before its last page. These words are stored in the raw store and shown by `ladepuls coverage`. */
export type PagesReason =
  'page_loop' | 'page_elsewhere' | 'page_address' | 'too_many_pages' | 'pages_missing';

/** The pages of a poll can't be followed to their end. */
export class PagesBroken extends Error {
  override name = 'PagesBroken';
  constructor(
    readonly reason: PagesReason,
    message: string,
  ) {
    super(message);
  }
}

/** The query parameter with the cursor, when a body's `next` is a cursor and no address. */
const CURSOR_PARAMETER = 'next';
const OFFSET_PARAMETER = 'offset';

/**
 * The way through the pages of one poll. A next page is found, in this order, by:
 *
 * 1. the header `Link` with `rel="next"` (RFC 8288; OCPI 2.2.1, section 4.1.3.1),
 * 2. `next` in the body: an address, or a cursor (ChargeCloud's AFIR API),
 * 3. `next_offset` in the body (OCPDB),
 * 4. the number of records so far, when the header `X-Total-Count` or `total_count` in the body promises more.
 */
export class PageWalk {
  private readonly requested: Set<string>;
  private records = 0;
  private total: number | null = null;

  /**
   * @param first address of the first page
   * @param maxPages largest number of pages that are requested
   * @param secretParameters query parameters that hold secrets. A server may repeat them in the address of the next page;
   *   they are removed from it, because the client adds them to every request.
   */
  constructor(
    private readonly first: string,
    private readonly maxPages: number,
    private readonly secretParameters: readonly string[] = [],
  ) {
    this.requested = new Set([first]);
  }

  /**
   * Count a page, and return the address of the next page; null when `page` is the last one.
   *
   * @param url address of `page`
   * @throws PagesBroken when the next page has been requested before, is on another host, or exceeds the limit; or when
   * the last page came and the promised number of records did not
   */
  advance(url: string, page: Page): string | null {
    this.records += page.records;
    this.total = numberOf(page.headers['x-total-count']) ?? page.links.total ?? this.total;
    const next = this.nextOf(url, page);
    if (next === null) {
      this.checkTotal();
      return null;
    }
    this.check(next);
    this.requested.add(next);
    return next;
  }

  private nextOf(url: string, { headers, links, records }: Page): string | null {
    const linked = nextLink(headers.link ?? '');
    if (linked !== null) return this.resolve(linked, url);
    if (links.next !== null) {
      return isAddress(links.next)
        ? this.resolve(links.next, url)
        : withParameter(url, CURSOR_PARAMETER, links.next);
    }
    if (links.nextOffset !== null) return withParameter(url, OFFSET_PARAMETER, String(links.nextOffset));
    // A page without records ends the walk: its successor would be empty too, and checkTotal() says what is missing.
    if (this.total === null || this.records >= this.total || records === 0) return null;
    return withParameter(url, OFFSET_PARAMETER, String(offsetOf(url) + records));
  }

  /** Resolve an address against the address of its page. Many servers behind a proxy name `http:` for `https:`. */
  private resolve(next: string, url: string): string {
    if (!URL.canParse(next, url))
      throw new PagesBroken('page_address', `${shownUrl(url)} names a next page that is not a valid address`);
    const resolved = new URL(next, url);
    const first = new URL(this.first);
    if (first.protocol === 'https:' && resolved.protocol === 'http:' && resolved.port === '')
      resolved.protocol = 'https:';
    for (const name of this.secretParameters) resolved.searchParams.delete(name);
    return resolved.href;
  }

  private check(next: string): void {
    const { origin } = new URL(this.first);
    if (new URL(next).origin !== origin)
      throw new PagesBroken(
        'page_elsewhere',
        `the next page is on the host ${new URL(next).host}, which is not the host of the feed: it is not requested`,
      );
    if (this.requested.has(next))
      throw new PagesBroken(
        'page_loop',
        `${shownUrl(this.first)}: a page names a next page that was read before`,
      );
    if (this.requested.size >= this.maxPages)
      throw new PagesBroken('too_many_pages', `the answer has more than ${this.maxPages} pages`);
  }

  private checkTotal(): void {
    if (this.total !== null && this.records < this.total)
      throw new PagesBroken(
        'pages_missing',
        `the pages have ${this.records} of the ${this.total} records that the feed promises`,
      );
  }
}

/** Return the target of the first link with `rel="next"` in a header `Link`; null without one. */
function nextLink(header: string): string | null {
  for (const [, target = '', parameters = ''] of header.matchAll(/<([^>]*)>([^<]*)/g)) {
    const [, quoted, token] = /;\s*rel\s*=\s*(?:"([^"]*)"|([^\s;,"]+))/i.exec(parameters) ?? [];
    const relations = (quoted ?? token ?? '').toLowerCase().split(/\s+/);
    if (relations.includes('next')) return target;
  }
  return null;
}

function isAddress(next: string): boolean {
  return /^(https?:\/\/|[/?])/i.test(next);
}

function withParameter(url: string, name: string, value: string): string {
  const next = new URL(url);
  next.searchParams.set(name, value);
  return next.href;
}

function offsetOf(url: string): number {
  return numberOf(new URL(url).searchParams.get(OFFSET_PARAMETER) ?? undefined) ?? 0;
}

/** Return a count of records; null for a text that is none. */
function numberOf(text: string | undefined): number | null {
  return text !== undefined && /^\s*\d{1,15}\s*$/.test(text) ? Number(text) : null;
}
