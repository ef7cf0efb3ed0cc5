import type { Config } from '../../settings/config.js';
import { AWAITS_REBUILD, HOW_TO_REBUILD } from '../../domain/awaitsRebuild.js';
import { localTime } from '../../domain/localTime.js';
import type { Installation } from '../../app/installation.js';
import { nextLoad } from '../../temporal/schedules.js';
import { temporalConfig } from '../../temporal/client.js';
import { awaitsRebuild } from '../../warehouse/open.js';
import type { Context } from '../context/context.js';
import { readKnownFeeds } from '../context/knownFeeds.js';
import { readerUrl } from '../context/readerUrl.js';

/** Facts about a running installation, for people and scripts. */
export interface ServiceReport {
  home: string;
  /** Whether the installation ran before, so that this process started nothing. */
  alreadyRunning: boolean;
  temporalAddress: string;
  temporalNamespace: string;
  /** null when Temporal is not a local component. */
  temporalUiUrl: string | null;
  /** null when the API runs elsewhere or not at all. */
  apiUrl: string | null;
  /** Connection string for readers; empty while the warehouse is not ready. */
  warehouseUrl: string;
  rawStore: string;
  feeds: number;
  intervalMinutes: number;
  /** ISO instant; null while the schedule is paused. */
  nextLoad: string | null;
  /** Whether loads wait for a rebuild, because the warehouse stores facts in the format of an earlier version. */
  awaitsRebuild: boolean;
}

/** Collect the facts about a running installation. */
export async function reportOnService(
  context: Context,
  installation: Installation,
  alreadyRunning: boolean,
): Promise<ServiceReport> {
  const { config } = context;
  const { addresses, env } = installation;
  const { connectionOptions, namespace } = temporalConfig(env);
  const collection = await readKnownFeeds(context);
  const load = await nextLoad(await installation.client());
  return {
    home: config.general.home,
    alreadyRunning,
    temporalAddress: connectionOptions.address ?? '',
    temporalNamespace: namespace,
    temporalUiUrl: addresses.temporalUiUrl ?? null,
    apiUrl: addresses.apiUrl ?? null,
    warehouseUrl: (await readerUrl(config, addresses).catch(() => null)) ?? '',
    rawStore: config.stores.raw,
    feeds: collection.feeds.filter(({ paused }) => !paused).length,
    intervalMinutes: collection.interval_minutes,
    nextLoad: load?.toISOString() ?? null,
    awaitsRebuild: await isAwaitingRebuild(installation),
  };
}

/** Whether the warehouse awaits a rebuild. False when the warehouse does not respond, which a finding reports. */
function isAwaitingRebuild({ databaseUrl }: Installation): Promise<boolean> {
  return databaseUrl === undefined ? Promise.resolve(false) : awaitsRebuild(databaseUrl).catch(() => false);
}

/** Format the report for people, as a short screen. */
export function describeService(report: ServiceReport, config: Config): string {
  const { temporalUiUrl, temporalAddress, temporalNamespace } = report;
  const feeds = `${report.feeds} ${report.feeds === 1 ? 'feed' : 'feeds'}`;
  const lines = [
    `Ladepuls collects ${feeds} every ${report.intervalMinutes} min.`,
    '',
    temporalUiUrl === null
      ? `  Temporal    ${temporalAddress}, namespace ${temporalNamespace}`
      : `  Web UI      ${temporalUiUrl}`,
    ...describeWeb(report.apiUrl),
    `  Warehouse   ${withoutOwnPassword(report.warehouseUrl, config) || 'not ready yet; run "ladepuls warehouse-url" later'}`,
    `  Raw store   ${report.rawStore}`,
    `  Next load   ${describeNextLoad(report.nextLoad, config.general.timeZone)}`,
    '',
  ];
  if (report.awaitsRebuild) lines.push(`${AWAITS_REBUILD} ${HOW_TO_REBUILD}`);
  if (config.polling.contact === undefined) {
    lines.push(
      "LADEPULS_CONTACT is not set. Set it to a mail or web address, so that the feeds' operators can write to you.",
    );
  }
  lines.push(
    report.alreadyRunning
      ? 'Stop Ladepuls with "ladepuls stop", or with Ctrl-C in the terminal of "ladepuls start".'
      : 'Ctrl-C stops Ladepuls. Collected data are not removed.',
  );
  return lines.join('\n');
}

/** Format the addresses of the dashboard and the API's documentation; no lines when the API does not run here. */
export function describeWeb(apiUrl: string | null): string[] {
  return apiUrl === null ? [] : [`  Dashboard   ${apiUrl}`, `  API         ${apiUrl}/docs`];
}

function describeNextLoad(instant: string | null, timeZone: string): string {
  if (instant === null) return 'paused ("ladepuls schedules resume load-day")';
  return localTime(Date.parse(instant), timeZone);
}

/**
 * Hide the password in an address from LADEPULS_READER_URL or DATABASE_URL. The local warehouse's password is shown.
 */
function withoutOwnPassword(url: string, { warehouse }: Config): string {
  return warehouse.url === undefined ? url : url.replace(/^(\w+:\/\/[^:/@]+):[^@]*@/, '$1:…@');
}
