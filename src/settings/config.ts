import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { IANAZone } from 'luxon';
import { z } from 'zod';
import { shownUrl, withShownUrls } from '../domain/shownUrl.js';
import { ALLOWED_INTERVAL_MINUTES } from '../domain/slot.js';
import { DEFAULT_FEEDS } from '../sources/chargecloud/feeds.js';
import { DEFAULT_MAX_RECORDS } from '../sources/answerLimits.js';
import { FEED_NAME } from '../sources/source.js';
import { isRedshift } from '../warehouse/address.js';
import { QUEUES } from '../temporal/names.js';

/** A setting that can't be used: names it, shows its value, says what is allowed. */
export class InvalidSetting extends Error {
  override name = 'InvalidSetting';
  /** EX_CONFIG of sysexits.h: whoever restarts a process that failed need not try this one again. */
  readonly exitCode = 78;
}

const DURATION_MS: Record<string, number> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Milliseconds; NaN for what is no duration such as 500ms, 20s, 10m or 6h. */
function durationMs(text: string): number {
  const [, count = '', unit = ''] = /^(\d+)(ms|s|m|h|d)$/.exec(text) ?? [];
  return Number(count) * (DURATION_MS[unit] ?? NaN);
}

/** Nobody waits for longer; and timers of more than 24 days would end at once. */
const LONGEST_TIMEOUT_MS = 3_600_000;

const timeout = z
  .string()
  .transform(durationMs)
  .refine((ms) => ms > 0 && ms <= LONGEST_TIMEOUT_MS, 'a duration such as 500ms, 20s or 2m, at most 1h');

const interval = z
  .string()
  .transform((text) => durationMs(text) / 60_000)
  .refine((minutes) => isInterval(minutes), {
    error: `whole minutes that divide an hour: ${ALLOWED_INTERVAL_MINUTES.map((minutes) => `${minutes}m`).join(', ')}`,
  });

const MOST_LOAD_MINUTES = 12 * 60;

const loadEvery = z
  .string()
  .transform((text) => durationMs(text) / 60_000)
  .refine(
    (minutes) => Number.isInteger(minutes) && minutes >= 5 && minutes <= MOST_LOAD_MINUTES,
    'whole minutes from 5m to 12h, such as 1h',
  );

const wholeNumber = (least: number, most: number) =>
  z
    .string()
    .transform((text) => (/^\d+$/.test(text) ? Number(text) : NaN))
    .refine((number) => number >= least && number <= most, `a whole number from ${least} to ${most}`);

const yesOrNo = z
  .string()
  .refine((text) => text === 'yes' || text === 'no', 'yes or no')
  .transform((text) => text === 'yes');

/** So long may a reader's question take; longer times would be no limit. */
const LONGEST_READING_MS = 86_400_000;

const readingTime = z
  .string()
  .transform(durationMs)
  .refine((ms) => ms > 0 && ms <= LONGEST_READING_MS, 'a duration such as 30s, 15m or 2h, at most 24h');

const proxies = z
  .string()
  .transform((text) => ({ no: 0, yes: 1 })[text] ?? (/^[1-9]$/.test(text) ? Number(text) : NaN))
  .refine((count) => !Number.isNaN(count), 'yes, no, or how many proxies there are, up to 9');

const listOf = (isAllowed: (text: string) => boolean, allowed: string) =>
  z
    .string()
    .transform((text) => text.split(/[\s,]+/).filter((part) => part !== ''))
    .refine((parts) => parts.length > 0 && parts.every(isAllowed), allowed);

/** Whether a text is what browsers send as Origin, such as https://maps.example. */
function isOrigin(text: string): boolean {
  return /^https?:[^*]+$/.test(text) && URL.canParse(text) && new URL(text).origin === text;
}

const port = wholeNumber(1, 65_535);

const address = z
  .string()
  .regex(/^[\w.:-]+$/, 'an address or name, such as 127.0.0.1, or 0.0.0.0 for all')
  .default('127.0.0.1');

const SIZE = /^0*[1-9]\d*(kB|MB|GB)$/;
const bytesOf = (text: string) =>
  Number.parseInt(text, 10) * ({ k: 1e3, M: 1e6, G: 1e9 }[text.at(-2) ?? ''] ?? NaN);

const bytes = z.string().regex(SIZE, 'a size such as 500kB, 32MB or 1GB').transform(bytesOf);

const bytesOrOff = z
  .string()
  .refine((text) => text === 'off' || SIZE.test(text), 'a size such as 500MB or 1GB, or off')
  .transform((text) => (text === 'off' ? 0 : bytesOf(text)));

const share = z
  .string()
  .transform((text) => (/^\d+%$/.test(text) ? Number.parseInt(text, 10) / 100 : NaN))
  .refine((number) => number > 0 && number <= 1, 'a percentage from 1% to 100%');

type Queue = keyof typeof QUEUES;
const QUEUE_NAMES = Object.keys(QUEUES) as Queue[];

const queues = z
  .string()
  .transform((text) => text.split(/[\s,]+/).filter((name) => name !== ''))
  .refine(
    (names) => names.length > 0 && names.every((name) => name in QUEUES),
    `${QUEUE_NAMES.join(', ')}, or several of them, separated by commas`,
  )
  .transform((names) => QUEUE_NAMES.filter((name) => names.includes(name)));

const storeUrl = z
  .string()
  .regex(/^(file:.+|s3:\/\/[a-z0-9][a-z0-9.-]+(\/.*)?)$/, 'file:<folder> or s3://<bucket>/<prefix>');

const timeZone = z
  .string()
  .refine((zone) => IANAZone.isValidZone(zone), 'an IANA time zone such as Europe/Berlin');

const feeds = z.string().transform((text, context) => {
  const list = isFileName(text) ? readFile(text) : text;
  if (list === null) {
    context.addIssue(
      'names of feeds, separated by commas or blanks, or a file with one a line that can be read',
    );
    return z.NEVER;
  }
  const names = feedNames(list);
  const wrong = names.find((name) => !FEED_NAME.test(name));
  if (names.length > 0 && wrong === undefined) return names;
  const problem = wrong === undefined ? '' : ` ("${wrong}" is none)`;
  context.addIssue(`names of feeds, separated by commas or blanks, or a file with one a line${problem}`);
  return z.NEVER;
});

const REDSHIFT_URL = /^redshift:\/\/[^\s/@:]+(:[^\s/@]*)?@[^\s/@:]+(:\d+)?\/[^\s/?]+(\?\S*)?$/;
/** Of AWS itself or one of its partitions, such as aws-cn; with a path or none. */
const ROLE_ARN = /^arn:aws[a-z-]*:iam::\d{12}:role\/[\w+=,.@/-]+$/;
const ROLE_ARN_FORM = 'such as arn:aws:iam::123456789012:role/ladepuls-redshift';

/** Every setting: its name, default, validation and explanation, once. Read from the environment. */
const SETTINGS = {
  LADEPULS_HOME: {
    schema: z.string().default('.ladepuls'),
    about:
      "Where the embedded parts keep what they make: Temporal's database, Postgres' cluster, raw store, logs.",
  },
  LADEPULS_CACHE: {
    schema: z.string().optional(),
    about: 'Where fetched programs are kept. Default: $XDG_CACHE_HOME/ladepuls or ~/.cache/ladepuls.',
  },
  DATABASE_URL: {
    schema: z
      .string()
      .refine(
        (url) => /^postgres(ql)?:\/\//.test(url) || REDSHIFT_URL.test(url),
        'a connection string that begins with postgres://, or redshift://user:password@host:5439/database',
      )
      .optional(),
    about: 'The warehouse: postgres://… or redshift://…. Unset: an embedded Postgres.',
  },
  LADEPULS_REDSHIFT_IAM_ROLE: {
    schema: z.string().regex(ROLE_ARN, `the ARN of a role, ${ROLE_ARN_FORM}`).optional(),
    about:
      'ARN of the role that Redshift reads and writes FLAT_STORE with; needed for a redshift:// warehouse.',
  },
  LADEPULS_READER_URL: {
    schema: z
      .string()
      .refine(
        (url) => /^postgres(ql)?:\/\//.test(url) || REDSHIFT_URL.test(url),
        'a connection string that begins with postgres:// or redshift://, as DATABASE_URL does',
      )
      .optional(),
    about:
      'The address of the warehouse at DATABASE_URL for a role that only reads; "ladepuls sql" logs in by it.',
  },
  LADEPULS_READER_STATEMENT_TIMEOUT: {
    schema: readingTime.default(15 * 60_000),
    about: "Longest time of a reader's statement, unless a session sets another: 15m.",
  },
  LADEPULS_READER_IDLE_TIMEOUT: {
    schema: readingTime.default(10 * 60_000),
    about: "Longest idle time within a reader's transaction, unless a session sets another: 10m.",
  },
  RAW_STORE: {
    schema: storeUrl.optional(),
    about: 'Where every answer is kept. Default: file:$LADEPULS_HOME/raw.',
  },
  LADEPULS_SPOOL: {
    schema: bytesOrOff.default(1e9),
    about:
      'Largest size of $LADEPULS_HOME/spool, where answers wait while the raw store fails; or off. Default: 1GB.',
  },
  FLAT_STORE: {
    schema: storeUrl.optional(),
    about: 'Where flat files are kept. Default: file:$LADEPULS_HOME/flat.',
  },
  LADEPULS_FEEDS: {
    schema: feeds.optional(),
    about: "The feeds to collect: names, or a file with one a line. Default: ChargeCloud's 38.",
  },
  LADEPULS_INTERVAL: { schema: interval.default(10), about: 'Time between two polls of a feed: 10m.' },
  LADEPULS_LOAD_EVERY: {
    schema: loadEvery.optional(),
    about: 'The day under way is loaded so often, such as 1h. Unset: only when it is over.',
  },
  LADEPULS_TIME_ZONE: {
    schema: timeZone.default('Europe/Berlin'),
    about: 'Time zone of days and of local times.',
  },
  LADEPULS_RETENTION_MONTHS: {
    schema: wholeNumber(1, 1200).optional(),
    about: 'Facts older than so many months leave the warehouse for the flat store. Unset: all stay.',
  },
  LADEPULS_BRIDGED_SLOTS: {
    schema: wholeNumber(0, 12).default(2),
    about:
      'A charging event goes on over so many missing polls: 2. Days keep theirs until they are loaded again.',
  },
  LADEPULS_REFUSE_SEVERE: {
    schema: yesOrNo.default(false),
    about:
      'Whether a day in which a severe rule of quality fails is left unpublished: yes or no. Default: no.',
  },
  LADEPULS_CHARGECLOUD_URL: {
    schema: z
      .url({ protocol: /^https?$/, error: 'an http(s) address' })
      .default('https://new-poi.chargecloud.de'),
    about: "Base address of ChargeCloud's API.",
  },
  LADEPULS_CONTACT: {
    schema: z.string().optional(),
    about: "Whom the feeds' operators can write to: an address in the User-Agent of every poll.",
  },
  LADEPULS_CONNECT_TIMEOUT: {
    schema: timeout.default(10_000),
    about: 'Longest wait for a connection to a feed: 10s.',
  },
  LADEPULS_POLL_TIMEOUT: {
    schema: timeout.default(60_000),
    about: 'Longest time for one request of a feed: 60s.',
  },
  LADEPULS_MAX_BODY: { schema: bytes.default(16e6), about: 'Largest answer of a feed, decompressed: 16MB.' },
  LADEPULS_MAX_ENCODED_BODY: {
    schema: bytes.default(8e6),
    about: 'Largest answer of a feed, as it is sent: 8MB.',
  },
  LADEPULS_MAX_RECORDS: {
    schema: wholeNumber(1, 10_000_000).default(DEFAULT_MAX_RECORDS),
    about: 'Most stations, charging points and connectors, all together, in an answer of a feed: 100000.',
  },
  LADEPULS_REQUESTS_PER_HOST: {
    schema: wholeNumber(1, 64).default(4),
    about: 'Requests at once to one host: 4.',
  },
  LADEPULS_LOAD_SLOTS: {
    schema: wholeNumber(1, 64).default(4),
    about: 'Loading activities at once in a worker, at most: 4.',
  },
  LADEPULS_MEMORY_TARGET: {
    schema: share.default(0.8),
    about: 'With more of the memory in use, of the machine or container, a worker begins fewer of them: 80%.',
  },
  LADEPULS_CPU_TARGET: {
    schema: share.optional(),
    about: 'With more of the processors in use, a worker begins fewer of them. Unset: it uses what there is.',
  },
  LADEPULS_THREADS: { schema: wholeNumber(1, 64).default(2), about: 'Threads for cleaning in a worker: 2.' },
  LADEPULS_QUEUES: {
    schema: queues.default(QUEUE_NAMES),
    about:
      'What a deployed worker does: acquire (it polls), load, current (statuses of now): acquire,load,current.',
  },
  LADEPULS_DEPLOYMENT: {
    schema: z
      .string()
      .regex(/^[\w/-]+$/, 'letters, digits, _, - and /')
      .default('ladepuls'),
    about: "Name of the deployed workers' Temporal deployment: ladepuls.",
  },
  LADEPULS_BUILD_ID: {
    schema: z
      .string()
      .regex(/^[\w.+-]+$/, 'a version such as 1.4.0: letters, digits, ., _, + and -')
      .optional(),
    about: "Version of a deployed worker within its deployment. Unset: it takes every version's runs.",
  },
  LADEPULS_HEALTH_PORT: {
    schema: port.optional(),
    about: 'Port where a worker tells how it is, at /live and /ready. Unset: nowhere.',
  },
  LADEPULS_HEALTH_HOST: {
    schema: address,
    about: 'Address that LADEPULS_HEALTH_PORT is opened at: 127.0.0.1, which this machine alone reaches.',
  },
  LADEPULS_TEMPORAL_PORT: {
    schema: port.optional(),
    about: 'Port of the embedded Temporal. Default: a free one.',
  },
  LADEPULS_UI_PORT: { schema: port.optional(), about: "Port of Temporal's Web UI. Default: a free one." },
  LADEPULS_POSTGRES_PORT: {
    schema: port.optional(),
    about: 'Port of the embedded Postgres. Default: a free one.',
  },
  LADEPULS_API_PORT: {
    schema: port.optional(),
    about: 'Port of the API. Default: 8080; on one machine a free one where that is taken.',
  },
  LADEPULS_API_HOST: {
    schema: address,
    about: 'Address that the API listens at: 127.0.0.1, which this machine alone reaches.',
  },
  LADEPULS_API_REQUESTS: {
    schema: wholeNumber(1, 1_000_000).default(600),
    about: 'Requests of the API that one address may make in a minute: 600.',
  },
  LADEPULS_API_TRUST_PROXY: {
    schema: proxies.default(0),
    about:
      'Whether a proxy before the API says who asks (X-Forwarded-For): yes, no, or how many do. Default: no.',
  },
  LADEPULS_API_NAMES: {
    schema: listOf(
      (text) => /^[\w.-]+$/.test(text),
      'names, such as api.example.org, separated by commas',
    ).default([]),
    about:
      "Names that the API may be asked by, besides this machine's. Unset: any, unless it listens at loopback.",
  },
  LADEPULS_API_CORS: {
    schema: listOf(
      (text) => text === '*' || isOrigin(text),
      '* for all, or origins such as https://maps.example, separated by commas',
    ).default([]),
    about: 'Origins whose web pages may read the API, or * for all. Unset: its own pages alone.',
  },
  LADEPULS_LOG_LEVEL: {
    schema: z
      .enum(['debug', 'info', 'warn', 'error'], { error: 'debug, info, warn or error' })
      .default('info'),
    about: 'What the worker and the API write down: info.',
  },
} as const satisfies Record<string, { schema: z.ZodType; about: string }>;

type Settings = { [Name in keyof typeof SETTINGS]: z.output<(typeof SETTINGS)[Name]['schema']> };

/** The settings, read and checked, with what follows from them. */
export interface Config {
  home: string;
  cache: string | undefined;
  databaseUrl: string | undefined;
  /** The warehouse's address for a role that only reads; undefined where it is embedded or nobody has said. */
  readerUrl: string | undefined;
  /** What readers may take. */
  readers: { statementTimeoutMs: number; idleTimeoutMs: number };
  /** ARN of the role that Redshift reads S3 with; there where the warehouse is on Redshift. */
  redshiftIamRole: string | undefined;
  rawStore: string;
  /** Bytes that may wait in the home's spool; 0: what the raw store can't take is lost. */
  spoolBytes: number;
  flatStore: string;
  feeds: readonly string[];
  /** The value of LADEPULS_FEEDS where it is set: a changed one is a change of what is collected. */
  feedsSetting: string | null;
  intervalMinutes: number;
  /** How often the day under way is loaded; undefined: not before it is over. */
  loadEveryMinutes: number | undefined;
  timeZone: string;
  /** Months of facts that stay in the warehouse; undefined: all. */
  retentionMonths: number | undefined;
  /** Events go on over so many missing slots. */
  bridgedSlots: number;
  refusesSevere: boolean;
  chargecloudUrl: string;
  contact: string | undefined;
  connectTimeoutMs: number;
  pollTimeoutMs: number;
  maxBodyBytes: number;
  maxEncodedBytes: number;
  /** Stations, charging points and connectors in one answer, all together. */
  maxRecords: number;
  requestsPerHost: number;
  /** Activities of the load queue at once in one worker, at most. */
  loadSlots: number;
  /** Shares, 0 to 1, of memory and processors; with more in use, a worker begins fewer loading activities. */
  targets: { memory: number; cpu: number | undefined };
  threads: number;
  /** The queues that a deployed worker polls. */
  queues: readonly Queue[];
  /** The deployed workers' name and version; the latter is undefined where they are not versioned. */
  deployment: { name: string; buildId: string | undefined };
  health: { host: string; port: number | undefined };
  ports: {
    temporal: number | undefined;
    ui: number | undefined;
    postgres: number | undefined;
    api: number | undefined;
  };
  api: {
    host: string;
    requestsPerMinute: number;
    /** Proxies before the API. */
    proxies: number;
    names: readonly string[];
    origins: readonly string[];
  };
  logLevel: string;
}

/** Reads the settings from an environment. Throws {@link InvalidSetting} for the first that can't be used. */
export function readConfig(env: NodeJS.ProcessEnv): Config {
  for (const name of Object.keys(env)) {
    if (name.startsWith('LADEPULS_') && !(name in SETTINGS) && !name.startsWith('LADEPULS_TEST_')) {
      const known = Object.keys(SETTINGS).filter((setting) => setting.startsWith('LADEPULS_'));
      throw new InvalidSetting(`${name} is no setting of Ladepuls. The settings are: ${known.join(', ')}.`);
    }
  }
  const settings = Object.fromEntries(
    Object.entries(SETTINGS).map(([name, { schema }]) => [name, readSetting(name, schema, env[name])]),
  ) as Settings;
  if (settings.DATABASE_URL !== undefined && isRedshift(settings.DATABASE_URL)) checkRedshift(settings);
  checkReader(settings);
  const home = resolve(settings.LADEPULS_HOME);
  return {
    home,
    cache: settings.LADEPULS_CACHE,
    databaseUrl: settings.DATABASE_URL,
    readerUrl: settings.LADEPULS_READER_URL,
    readers: {
      statementTimeoutMs: settings.LADEPULS_READER_STATEMENT_TIMEOUT,
      idleTimeoutMs: settings.LADEPULS_READER_IDLE_TIMEOUT,
    },
    redshiftIamRole: settings.LADEPULS_REDSHIFT_IAM_ROLE,
    rawStore: settings.RAW_STORE ?? `file:${home}/raw`,
    spoolBytes: settings.LADEPULS_SPOOL,
    flatStore: settings.FLAT_STORE ?? `file:${home}/flat`,
    feeds: settings.LADEPULS_FEEDS ?? DEFAULT_FEEDS,
    feedsSetting: settings.LADEPULS_FEEDS?.join(' ') ?? null,
    intervalMinutes: settings.LADEPULS_INTERVAL,
    loadEveryMinutes: settings.LADEPULS_LOAD_EVERY,
    timeZone: settings.LADEPULS_TIME_ZONE,
    retentionMonths: settings.LADEPULS_RETENTION_MONTHS,
    bridgedSlots: settings.LADEPULS_BRIDGED_SLOTS,
    refusesSevere: settings.LADEPULS_REFUSE_SEVERE,
    chargecloudUrl: settings.LADEPULS_CHARGECLOUD_URL.replace(/\/+$/, ''),
    contact: settings.LADEPULS_CONTACT,
    connectTimeoutMs: settings.LADEPULS_CONNECT_TIMEOUT,
    pollTimeoutMs: settings.LADEPULS_POLL_TIMEOUT,
    maxBodyBytes: settings.LADEPULS_MAX_BODY,
    maxEncodedBytes: settings.LADEPULS_MAX_ENCODED_BODY,
    maxRecords: settings.LADEPULS_MAX_RECORDS,
    requestsPerHost: settings.LADEPULS_REQUESTS_PER_HOST,
    loadSlots: settings.LADEPULS_LOAD_SLOTS,
    targets: { memory: settings.LADEPULS_MEMORY_TARGET, cpu: settings.LADEPULS_CPU_TARGET },
    threads: settings.LADEPULS_THREADS,
    queues: settings.LADEPULS_QUEUES,
    deployment: { name: settings.LADEPULS_DEPLOYMENT, buildId: settings.LADEPULS_BUILD_ID },
    health: { host: settings.LADEPULS_HEALTH_HOST, port: settings.LADEPULS_HEALTH_PORT },
    ports: {
      temporal: settings.LADEPULS_TEMPORAL_PORT,
      ui: settings.LADEPULS_UI_PORT,
      postgres: settings.LADEPULS_POSTGRES_PORT,
      api: settings.LADEPULS_API_PORT,
    },
    api: {
      host: settings.LADEPULS_API_HOST,
      requestsPerMinute: settings.LADEPULS_API_REQUESTS,
      proxies: settings.LADEPULS_API_TRUST_PROXY,
      names: settings.LADEPULS_API_NAMES,
      origins: settings.LADEPULS_API_CORS,
    },
    logLevel: settings.LADEPULS_LOG_LEVEL,
  };
}

/** Redshift reads flat files by itself: from S3 only, and by the right of a role. */
function checkRedshift({ FLAT_STORE, LADEPULS_REDSHIFT_IAM_ROLE }: Settings): void {
  if (!FLAT_STORE?.startsWith('s3://'))
    throw new InvalidSetting(
      `FLAT_STORE is ${FLAT_STORE === undefined ? 'not set' : `"${FLAT_STORE}"`}, but with a redshift:// warehouse it must be ` +
        's3://<bucket>/<prefix>: Redshift reads flat files from S3.',
    );
  if (LADEPULS_REDSHIFT_IAM_ROLE === undefined)
    throw new InvalidSetting(
      'LADEPULS_REDSHIFT_IAM_ROLE is not set, but with a redshift:// warehouse it must be the ARN of the role that ' +
        `Redshift reads and writes FLAT_STORE with, ${ROLE_ARN_FORM}.`,
    );
}

/** Readers' address is another role's for the same warehouse. */
function checkReader({ DATABASE_URL, LADEPULS_READER_URL }: Settings): void {
  if (LADEPULS_READER_URL === undefined) return;
  if (DATABASE_URL === undefined)
    throw new InvalidSetting(
      'LADEPULS_READER_URL is set, but DATABASE_URL is not: of the embedded Postgres, readers have an address already ' +
        '("ladepuls warehouse-url").',
    );
  if (isRedshift(DATABASE_URL) !== isRedshift(LADEPULS_READER_URL))
    throw new InvalidSetting(
      'LADEPULS_READER_URL and DATABASE_URL must both begin with postgres:// or both with redshift://: ' +
        'they name one warehouse.',
    );
}

/** Every setting with its explanation, for `ladepuls --help` and the README. */
export function describeSettings(): { name: string; about: string }[] {
  return Object.entries(SETTINGS).map(([name, { about }]) => ({ name, about }));
}

function readSetting(name: string, schema: z.ZodType, text: string | undefined): unknown {
  const read = schema.safeParse(text === '' ? undefined : text);
  if (read.success) return read.data;
  const allowed = read.error.issues.map((problem) => problem.message).join('; ');
  // Errors end in logs: the password in an address is not repeated.
  const shown = text === undefined ? undefined : withShownUrls(shownUrl(text));
  throw new InvalidSetting(`${name} is "${shown}", but it must be ${allowed}.`);
}

function isInterval(minutes: number): boolean {
  return ALLOWED_INTERVAL_MINUTES.some((allowed) => allowed === minutes);
}

function feedNames(list: string): string[] {
  return [...new Set(list.split(/[\s,]+/).filter((name) => name !== ''))];
}

/** No feed's name has a slash, and no feed is a text file. */
function isFileName(text: string): boolean {
  return /[\\/]|\.txt$/.test(text);
}

function readFile(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}
