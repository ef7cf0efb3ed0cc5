import { addDays } from '../../../domain/day.js';
import { dashboardPage } from '../dashboard/page.js';
import { drawHours } from '../dashboard/drawHours.js';
import { Problem } from '../problem.js';
import { PAGE_POLICY } from '../securityHeaders.js';
import type { Web } from '../web.js';

const HOURS_IMAGE = 'dashboard/hours.svg';
/** Largest number of days in the picture. */
const DAYS = 7;
/**
 * Largest product of charging points and days in the picture, so that its query stays fast. The picture of a large
 * fleet shows fewer days.
 */
const MOST_POINT_DAYS = 200_000;

/** Add the routes of the dashboard: a page for people with current data and the last days. It needs no script. */
export function dashboardRoutes({ app, queries, state, timeZone, isSimulated }: Web): void {
  app.get(
    '/',
    { config: { cachedBy: 'now', contentPolicy: PAGE_POLICY }, schema: { hide: true } },
    async (_, reply) => {
      const [{ loaded }, cities, feeds] = await Promise.all([state(), queries.cities(), queries.feeds()]);
      return reply
        .type('text/html; charset=utf-8')
        .serializer((html: string) => html)
        .send(dashboardPage({ cities, feeds, loaded, timeZone, isSimulated, hoursImage: HOURS_IMAGE }));
    },
  );

  app.get(
    `/${HOURS_IMAGE}`,
    { config: { cachedBy: 'days', contentPolicy: PAGE_POLICY }, schema: { hide: true } },
    async (_, reply) => {
      const { loaded } = await state();
      if (loaded === null) throw new Problem(404, 'Nothing is loaded yet.');
      const points = (await queries.cities()).reduce((sum, city) => sum + city.charging_points, 0);
      const days = Math.max(1, Math.min(DAYS, Math.floor(MOST_POINT_DAYS / Math.max(points, 1))));
      return reply
        .type('image/svg+xml')
        .serializer((svg: string) => svg)
        .send(drawHours(await queries.hours({ from: addDays(loaded, 1 - days), to: loaded })));
    },
  );
}
