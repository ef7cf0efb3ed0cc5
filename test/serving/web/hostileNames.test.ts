import { describe, expect, it } from 'vitest';
import { page, type PageContent } from '../../../src/serving/reports/page.js';
import { DEFINITIONS } from '../../../src/serving/reports/registry.js';
import { dashboardPage } from '../../../src/serving/web/dashboard/page.js';

/** Names of stations, cities and feeds by which a hostile feed could inject code into the pages. */
const HOSTILE = [
  '<script>alert(1)</script>',
  '</style><script>alert(1)</script>',
  ']]></style></svg><img src=x onerror=alert(1)>',
  '"><img src=x onerror="alert(1)">',
  "' onmouseover='alert(1)",
  '" style="background:url(//evil.example)" x="',
  '<svg/onload=alert(1)>',
  '</title><base href="//evil.example/">',
  '<!--',
  '&lt;script&gt;alert(1)&lt;/script&gt;',
  '<meta http-equiv=refresh content="0;url=//evil.example">',
  'javascript:alert(1)',
  '../../logout?x=<a>',
  '{a|b} {@html x} ${1} <%= 1 %>',
  '\u2028\u2029\u202e<\ufffd>',
];

function dashboard(name: string): string {
  const now = {
    charging_points: 4,
    available: 1,
    occupied: 1,
    out_of_service: 1,
    unknown: 1,
    observed_at: null,
  };
  const city = (text: string, longitude: number) => ({
    city: text,
    stations: 1,
    longitude,
    latitude: 51,
    ...now,
  });
  return dashboardPage({
    cities: [city(name, 7), city('Kiel', 10)],
    feeds: [
      {
        feed: name,
        slot: null,
        outcome: 'failed',
        reason: name,
        stored_slot: null,
        charging_points: 1,
        incomplete: name,
        is_fresh: false,
        loaded: null,
      },
    ],
    loaded: '2022-01-11',
    hoursImage: 'dashboard/hours.svg',
    timeZone: 'Europe/Berlin',
    isSimulated: false,
  });
}

function report(name: string): string {
  const { columns } = DEFINITIONS.utilization;
  const values = columns.map(({ kind }) => (kind === 'text' ? name : 0.5));
  const row = { key: name, label: name, values, measure: 0.5, trend: [0.5, 0.25] };
  const period = { from: '2022-01-11', to: '2022-01-12' };
  const content: PageContent = {
    name: 'utilization',
    by: 'station',
    period,
    before: period,
    bucketDays: 1,
    columns,
    rows: [row, { ...row, key: '2', label: null, measure: 0.2 }],
    total: row,
    locations: [
      { name, longitude: 7, latitude: 51, stations: 1, measure: 0.5 },
      { name: 'Kiel', longitude: 10, latitude: 54, stations: 1, measure: 0.2 },
    ],
    findings: [
      {
        rule: name,
        severity: name,
        feed: name,
        subject: name,
        id: name,
        label: name,
        value: name,
        failed: 1,
        days: 1,
      },
    ],
  };
  return page(content);
}

/** Return the elements of a page in order, with the names of their attributes, without the attributes' values. */
function markupOf(html: string): string[] {
  const tags = html.match(/<(?:"[^"]*"|[^">])*>/g) ?? [];
  // Charts number their classes continuously over several pages.
  return tags.map((tag) => tag.replaceAll(/"[^"]*"/g, '""').replaceAll(/zr\d+-cls-\d+/g, 'class'));
}

describe.each([
  ['the dashboard', dashboard],
  ['a report', report],
])('in %s', (_, draw) => {
  it.each(HOSTILE)('%j is text, and makes no element, attribute or comment', (name) => {
    const html = draw(name);
    expect(markupOf(html)).toEqual(markupOf(draw('Bonn')));
    // Every link leads to this server, below the page.
    for (const [, address = ''] of html.matchAll(/(?:href|src)="([^"]*)"/g))
      expect(address).toMatch(/^(docs|dashboard\/hours\.svg|v1\/stations\?city=[\w%.!~*'()-]*|#[\w-]+)$/);
  });
});
