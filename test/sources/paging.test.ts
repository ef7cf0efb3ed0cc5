import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Page, PagesBroken, PageWalk } from '../../src/sources/paging.js';
import { NO_LINKS } from './support/noLinks.js';

const FIRST = 'https://feeds.example/ocpi/locations?party=ABC';

function page({
  headers = {},
  links = {},
  records = 3,
}: Partial<{ headers: Page['headers']; links: object; records: number }>): Page {
  return { headers, links: { ...NO_LINKS, ...links }, records };
}

function walk(maxPages = 10): PageWalk {
  return new PageWalk(FIRST, maxPages);
}

function reasonOf(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    if (error instanceof PagesBroken) return error.reason;
    throw error;
  }
  return 'none';
}

describe('the next page', () => {
  it.each<[string, Partial<Page>, string | null]>([
    ['an answer that names none', {}, null],
    [
      'a Link header',
      { headers: { link: '<https://feeds.example/p2>; rel="next"' } },
      'https://feeds.example/p2',
    ],
    [
      'a Link header with several links',
      { headers: { link: '</p1>; rel="prev", </p2?a=1,2>; title="x"; rel="last next"' } },
      'https://feeds.example/p2?a=1,2',
    ],
    ['a Link header without quotes', { headers: { link: '</p2>; REL=next' } }, 'https://feeds.example/p2'],
    ['a Link header with other relations', { headers: { link: '</p1>; rel="previous"' } }, null],
    [
      'http in a Link of a feed on https',
      { headers: { link: '<http://feeds.example/p2>; rel="next"' } },
      'https://feeds.example/p2',
    ],
    ['an address in the body', { links: { ...NO_LINKS, next: '/p2' } }, 'https://feeds.example/p2'],
    [
      'a cursor in the body',
      { links: { ...NO_LINKS, next: 'NWVl:a/b' } },
      'https://feeds.example/ocpi/locations?party=ABC&next=NWVl%3Aa%2Fb',
    ],
    [
      'an offset in the body',
      { links: { ...NO_LINKS, nextOffset: 3 } },
      'https://feeds.example/ocpi/locations?party=ABC&offset=3',
    ],
    [
      'a total that is not reached',
      { headers: { 'x-total-count': '7' } },
      'https://feeds.example/ocpi/locations?party=ABC&offset=3',
    ],
    ['a total that is reached', { headers: { 'x-total-count': '3' } }, null],
    ['a total that is no number', { headers: { 'x-total-count': 'many' } }, null],
  ])('is found in %s', (_, given, next) => {
    expect(walk().advance(FIRST, page(given))).toBe(next);
  });

  it('by offset is counted from the offset of the page', () => {
    const headers = { 'x-total-count': '7' };
    const pages = walk();
    const second = pages.advance(FIRST, page({ headers })) ?? '';
    const third = pages.advance(second, page({ headers })) ?? '';
    expect(new URL(third).searchParams.get('offset')).toBe('6');
    expect(pages.advance(third, page({ headers, records: 1 }))).toBeNull();
  });
});

describe('a walk through pages', () => {
  const linkTo = (address: string) => page({ headers: { link: `<${address}>; rel="next"` } });

  it.each<[string, string]>([
    ['page_loop', FIRST],
    ['page_elsewhere', 'https://other.example/ocpi'],
    ['page_elsewhere', 'https://feeds.example:8443/ocpi'],
    ['page_elsewhere', 'http://feeds.example:8080/ocpi'],
    ['page_elsewhere', 'file:///etc/passwd'],
    ['page_address', 'http://'],
  ])('ends with %s at a next page like %s', (reason, address) => {
    expect(reasonOf(() => walk().advance(FIRST, linkTo(address)))).toBe(reason);
  });

  it('ends at a link to an earlier page', () => {
    const pages = walk();
    const second = pages.advance(FIRST, linkTo('/p2')) ?? '';
    const third = pages.advance(second, linkTo('/p3')) ?? '';
    expect(reasonOf(() => pages.advance(third, linkTo('/p2')))).toBe('page_loop');
  });

  it('ends after the largest number of pages', () => {
    const pages = walk(3);
    const second = pages.advance(FIRST, linkTo('/2')) ?? '';
    const third = pages.advance(second, linkTo('/3')) ?? '';
    expect(reasonOf(() => pages.advance(third, linkTo('/4')))).toBe('too_many_pages');
  });

  it.each([0, 2])(
    'says what is missing when the last page has %i records and the total promises more',
    (records) => {
      const headers = { 'x-total-count': '9', link: '' };
      const pages = walk();
      const second = pages.advance(FIRST, page({ headers })) ?? '';
      const last = page({ headers: { ...headers }, records: 0 });
      if (records === 0) expect(() => pages.advance(second, last)).toThrow('3 of the 9 records');
      else expect(pages.advance(second, page({ headers, records }))).toContain('offset=5');
    },
  );

  it('is complete when more records came than were promised', () => {
    expect(walk().advance(FIRST, page({ headers: { 'x-total-count': '2' } }))).toBeNull();
  });

  it('ends, whatever the pages say', () => {
    const anyPage = fc.record({
      headers: fc.record(
        {
          link: fc.oneof(
            fc.string(),
            fc.nat(5).map((n) => `</p${n}>; rel="next"`),
          ),
          'x-total-count': fc.oneof(fc.string(), fc.nat().map(String)),
        },
        { requiredKeys: [] },
      ),
      links: fc.record({
        next: fc.option(fc.oneof(fc.string(), fc.webUrl())),
        nextOffset: fc.option(fc.nat()),
        total: fc.option(fc.nat()),
      }),
      records: fc.nat(5),
    });
    fc.assert(
      fc.property(fc.array(anyPage, { minLength: 1, maxLength: 30 }), (given) => {
        const pages = walk(10);
        const asked = new Set<string>([FIRST]);
        let url: string | null = FIRST;
        const reason = reasonOf(() => {
          for (let n = 0; url !== null && n < 100; n++) {
            url = pages.advance(url, given[n % given.length] as Page);
            if (url === null) return;
            expect(new URL(url).origin).toBe(new URL(FIRST).origin);
            expect(asked.has(url)).toBe(false);
            asked.add(url);
          }
        });
        expect(asked.size).toBeLessThanOrEqual(10);
        if (reason === 'none') expect(url).toBeNull();
      }),
    );
  });
});
