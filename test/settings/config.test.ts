import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { InvalidSetting, readConfig } from '../../src/settings/config.js';
import { defaultOf } from '../../src/settings/setting.js';
import { ALL_SETTINGS, SETTINGS } from '../../src/settings/settings.js';
import { DEFAULT_FEEDS } from '../../src/sources/chargecloud/feeds.js';
import { QUEUES } from '../../src/temporal/names.js';

const refusal = (env: NodeJS.ProcessEnv): string => {
  try {
    readConfig(env);
  } catch (error) {
    expect(error).toBeInstanceOf(InvalidSetting);
    return (error as Error).message;
  }
  return expect.fail(`${JSON.stringify(env)} was taken`);
};

describe('without any setting', () => {
  const config = readConfig({});

  it('everything stands below .ladepuls, and nothing is elsewhere', () => {
    const home = resolve('.ladepuls');
    expect(config).toMatchObject({
      general: { home },
      stores: { raw: `file:${home}/raw`, flat: `file:${home}/flat` },
    });
    expect(config.stores.spoolBytes).toBe(1e9);
    expect([config.warehouse.url, config.local.cache, config.polling.contact]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
    expect(config.local).toEqual({
      cache: undefined,
      temporalPort: undefined,
      uiPort: undefined,
      postgresPort: undefined,
    });
    expect(config.api.port).toBeUndefined();
  });

  it("ChargeCloud's 38 feeds are collected every ten minutes, in Berlin's days", () => {
    expect(config.polling.feeds).toEqual(DEFAULT_FEEDS);
    expect(config.polling.feeds).toHaveLength(38);
    expect(config.polling).toMatchObject({ feedsSetting: null, intervalMinutes: 10 });
    expect(config.general.timeZone).toBe('Europe/Berlin');
    expect(config.polling.chargecloudUrl).toBe('https://new-poi.chargecloud.de');
  });
});

it('an empty setting is one that is not set', () => {
  const names = ALL_SETTINGS.map(({ name }) => [name, '']);
  expect(readConfig(Object.fromEntries(names) as NodeJS.ProcessEnv)).toEqual(readConfig({}));
});

it('settings are read in their units', () => {
  const config = readConfig({
    LADEPULS_HOME: '/var/lib/ladepuls',
    DATABASE_URL: 'postgresql://me@host/warehouse',
    RAW_STORE: 's3://bucket/raw',
    LADEPULS_INTERVAL: '1h',
    LADEPULS_LOAD_EVERY: '2h',
    LADEPULS_TIME_ZONE: 'Asia/Kathmandu',
    LADEPULS_CHARGECLOUD_URL: 'http://127.0.0.1:8080//',
    LADEPULS_CONNECT_TIMEOUT: '500ms',
    LADEPULS_POLL_TIMEOUT: '2m',
    LADEPULS_MAX_BODY: '500kB',
    LADEPULS_SPOOL: 'off',
    LADEPULS_MAX_ENCODED_BODY: '1GB',
    LADEPULS_MAX_RECORDS: '250000',
    LADEPULS_LOAD_SLOTS: '64',
    LADEPULS_MEMORY_TARGET: '100%',
    LADEPULS_CPU_TARGET: '5%',
    LADEPULS_QUEUES: 'load',
    LADEPULS_BUILD_ID: '1.4.0+0a1b2c3',
    LADEPULS_HEALTH_PORT: '8086',
    LADEPULS_UI_PORT: '65535',
    LADEPULS_RETENTION_MONTHS: '24',
    LADEPULS_REFUSE_SEVERE: 'yes',
    LADEPULS_READER_URL: 'postgresql://reader@host/warehouse',
    LADEPULS_READER_STATEMENT_TIMEOUT: '2h',
    LADEPULS_READER_IDLE_TIMEOUT: '90s',
  });
  expect(config).toMatchObject({
    general: { timeZone: 'Asia/Kathmandu' },
    warehouse: { url: 'postgresql://me@host/warehouse' },
    readers: {
      url: 'postgresql://reader@host/warehouse',
      statementTimeoutMs: 7_200_000,
      idleTimeoutMs: 90_000,
    },
    stores: { raw: 's3://bucket/raw', flat: 'file:/var/lib/ladepuls/flat', spoolBytes: 0 },
    polling: {
      intervalMinutes: 60,
      chargecloudUrl: 'http://127.0.0.1:8080',
      connectTimeoutMs: 500,
      timeoutMs: 120_000,
      maxBodyBytes: 500_000,
      maxEncodedBytes: 1_000_000_000,
      maxRecords: 250_000,
    },
    loading: { everyMinutes: 120, retentionMonths: 24, refusesSevere: true },
    worker: {
      loadSlots: 64,
      memoryTarget: 1,
      cpuTarget: 0.05,
      queues: ['load'],
      deployment: 'ladepuls',
      buildId: '1.4.0+0a1b2c3',
      healthHost: '127.0.0.1',
      healthPort: 8086,
    },
    local: { uiPort: 65_535 },
  });
});

describe('secrets of feeds', () => {
  it('have names that people choose, and are no part of the settings', () => {
    const env = { LADEPULS_SECRET_EVSE: 'token-4711', LADEPULS_SECRET_CERT_2_FILE: '/no/such/file' };
    expect(readConfig(env)).toEqual(readConfig({}));
    expect(readConfig({ LADEPULS_SECRET_EVSE: '', LADEPULS_SECRET_EVSE_FILE: '/x' })).toEqual(readConfig({}));
  });

  it.each([
    ['LADEPULS_SECRET_', /LADEPULS_SECRET_ can't hold a secret/],
    ['LADEPULS_SECRET_evse', /LADEPULS_SECRET_evse can't hold a secret.*capital letters/],
    ['LADEPULS_SECRET_1', /can't hold a secret/],
    ['LADEPULS_SECRET_A-B', /can't hold a secret/],
    [`LADEPULS_SECRET_${'A'.repeat(65)}`, /at most 64/],
    ['LADEPULS_SECRETS_A', /LADEPULS_SECRETS_A is not a setting/],
  ])('can not be in %s', (name, message) => {
    expect(refusal({ [name]: 'token-4711' })).toMatch(message);
    expect(refusal({ [name]: 'token-4711' })).not.toContain('4711');
  });

  it('are set once', () => {
    const twice = { LADEPULS_SECRET_A: 'token-4711', LADEPULS_SECRET_A_FILE: '/x' };
    expect(refusal(twice)).toBe(
      'LADEPULS_SECRET_A and LADEPULS_SECRET_A_FILE are both set: unset one of them.',
    );
  });
});

const INTERVALS = 'whole minutes that divide an hour: 1m, 2m, 3m, 4m, 5m, 6m, 10m, 12m, 15m, 20m, 30m, 60m';
const LOAD_EVERY = 'whole minutes from 5m to 12h, such as 1h';
const TIMEOUT = 'a duration such as 500ms, 20s or 2m, at most 1h';
const SIZE = 'a size such as 500kB, 32MB or 1GB';
const UP_TO_64 = 'a whole number from 1 to 64';
const PORT = 'a whole number from 1 to 65535';
const SHARE = 'a percentage from 1% to 100%';
const STORE = 'file:<folder> or s3://<bucket>/<prefix>';
const HTTP = 'an http(s) address';
const ADDRESS = 'an address or name, such as 127.0.0.1, or 0.0.0.0 for all';

const DATABASE =
  'a connection string that begins with postgres://, or redshift://user:password@host:5439/database';

const READER = 'a connection string that begins with postgres:// or redshift://, as DATABASE_URL does';
const READING = 'a duration such as 30s, 15m or 2h, at most 24h';

const ROLE = 'the ARN of a role, such as arn:aws:iam::123456789012:role/ladepuls-redshift';

/** Every setting whose type does not allow every text, with wrong values, and what its error says is allowed. */
const WRONG: [name: string, allowed: string, values: string[]][] = [
  ['DATABASE_URL', DATABASE, ['mysql://host/db', 'warehouse', 'redshift://host/db', 'redshift://host:5439']],
  ['LADEPULS_REDSHIFT_IAM_ROLE', ROLE, ['ladepuls', 'arn:aws:iam::1:role/r', 'arn:aws:s3:::bucket']],
  ['LADEPULS_READER_URL', READER, ['mysql://host/db', 'ladepuls_reader']],
  ['LADEPULS_READER_STATEMENT_TIMEOUT', READING, ['15', '0s', '25h', '2d', 'never']],
  ['LADEPULS_READER_IDLE_TIMEOUT', READING, ['0ms', '86401s']],
  ['RAW_STORE', STORE, ['/var/lib/raw', 'file:', 's3://', 's3:///prefix', 's3://Bucket', 'http://host']],
  ['FLAT_STORE', STORE, ['flat', 's3:bucket']],
  ['LADEPULS_INTERVAL', INTERVALS, ['7m', '10', '0m', '90s', '2h', '600 s', 'ten minutes']],
  ['LADEPULS_LOAD_EVERY', LOAD_EVERY, ['60', '4m', '90s', '13h', 'hourly']],
  ['LADEPULS_TIME_ZONE', 'an IANA time zone such as Europe/Berlin', ['Berlin', 'Europe/Atlantis']],
  ['LADEPULS_REFUSE_SEVERE', 'yes or no', ['true', '1', 'Yes', 'never']],
  ['LADEPULS_RETENTION_MONTHS', 'a whole number from 1 to 1200', ['0', '1201', 'ten']],
  ['LADEPULS_CHARGECLOUD_URL', HTTP, ['new-poi.chargecloud.de', 'ftp://host', 'javascript:1']],
  ['LADEPULS_CONNECT_TIMEOUT', TIMEOUT, ['10', '0s', '-1s', '1.5s', '30d']],
  ['LADEPULS_POLL_TIMEOUT', TIMEOUT, ['a minute', '0ms', '61m']],
  ['LADEPULS_SPOOL', 'a size such as 500MB or 1GB, or off', ['0', '1 GB', 'no', '1TB', '-1GB']],
  ['LADEPULS_MAX_BODY', SIZE, ['16', '16 MB', '16mb', '0MB']],
  ['LADEPULS_MAX_ENCODED_BODY', SIZE, ['1TB']],
  ['LADEPULS_MAX_RECORDS', 'a whole number from 1 to 10000000', ['0', '1e6', '100k', '10000001']],
  ['LADEPULS_REQUESTS_PER_HOST', UP_TO_64, ['0', '65', '4.5', '1e1', '0x10', ' ', 'four']],
  ['LADEPULS_LOAD_SLOTS', UP_TO_64, ['-1', 'Infinity']],
  ['LADEPULS_THREADS', UP_TO_64, ['NaN']],
  ['LADEPULS_MEMORY_TARGET', SHARE, ['0%', '101%', '80', '0.8', '-5%']],
  ['LADEPULS_CPU_TARGET', SHARE, ['100.5%', 'all']],
  [
    'LADEPULS_QUEUES',
    'acquire, load, current, or several of them, separated by commas',
    ['poll', 'acquire,loads', ',', '*'],
  ],
  ['LADEPULS_DEPLOYMENT', 'letters, digits, _, - and /', ['lade.puls', 'ladepuls:1', 'my workers']],
  [
    'LADEPULS_BUILD_ID',
    'a version such as 1.4.0: letters, digits, ., _, + and -',
    ['1.4.0 beta', 'sha256:00ff', '1/2'],
  ],
  ['LADEPULS_HEALTH_PORT', PORT, ['0', 'any']],
  ['LADEPULS_API_PORT', PORT, ['0', 'http']],
  ['LADEPULS_API_HOST', ADDRESS, ['http://host', 'a b', '*']],
  ['LADEPULS_API_REQUESTS', 'a whole number from 1 to 1000000', ['0', 'many']],
  ['LADEPULS_HEALTH_HOST', ADDRESS, ['http://host', 'all of them']],
  ['LADEPULS_API_TRUST_PROXY', 'yes, no, or how many proxies there are, up to 9', ['true', '0', '10']],
  [
    'LADEPULS_API_NAMES',
    'names, such as api.example.org, separated by commas',
    ['https://api.example', 'api.example:80', '*', ','],
  ],
  [
    'LADEPULS_API_CORS',
    '* for all, or origins such as https://maps.example, separated by commas',
    [
      'maps.example',
      'https://maps.example/',
      'https://Maps.example',
      'https://*.example',
      'null',
      'file://',
      ',',
    ],
  ],
  ['LADEPULS_TEMPORAL_PORT', PORT, ['0', '65536']],
  ['LADEPULS_UI_PORT', PORT, ['http']],
  ['LADEPULS_RETENTION_MONTHS', 'a whole number from 1 to 1200', ['0', '-3', '1.5', '1201', 'two']],
  ['LADEPULS_BRIDGED_SLOTS', 'a whole number from 0 to 12', ['-1', '13', '1.5', 'two']],
  ['LADEPULS_POSTGRES_PORT', PORT, ['5432.5']],
  ['LADEPULS_LOG_LEVEL', 'debug, info, warn or error', ['verbose', 'INFO']],
];

describe.each(WRONG)('%s', (name, allowed, values) => {
  it.each(values)('is refused as %j, by name, with what is allowed', (value) => {
    expect(refusal({ [name]: value })).toBe(`${name} is "${value}", but it must be ${allowed}.`);
  });
});

it('a worker does everything, once, in one order, unless it is told what', () => {
  expect(readConfig({}).worker).toMatchObject({
    queues: ['acquire', 'load', 'current'],
    buildId: undefined,
  });
  expect(readConfig({}).worker.queues).toEqual(Object.keys(QUEUES));
  expect(readConfig({ LADEPULS_QUEUES: 'load acquire,load' }).worker.queues).toEqual(['acquire', 'load']);
});

it('the API is for this machine alone, unless it is told who else may ask it', () => {
  expect(readConfig({}).api).toEqual({
    port: undefined,
    host: '127.0.0.1',
    requestsPerMinute: 600,
    proxies: 0,
    names: [],
    origins: [],
  });
  const settings = {
    LADEPULS_API_TRUST_PROXY: 'yes',
    LADEPULS_API_NAMES: 'api.example.org, charging.example',
    LADEPULS_API_CORS: 'https://maps.example http://127.0.0.1:5173',
  };
  expect(readConfig(settings).api).toMatchObject({
    proxies: 1,
    names: ['api.example.org', 'charging.example'],
    origins: ['https://maps.example', 'http://127.0.0.1:5173'],
  });
  expect(readConfig({ LADEPULS_API_TRUST_PROXY: '2', LADEPULS_API_CORS: '*' }).api).toMatchObject({
    proxies: 2,
    origins: ['*'],
  });
});

it('every setting has a type that is tested with wrong values, or takes any text', () => {
  const tested = new Set(WRONG.map(([, allowed]) => allowed));
  const others = ALL_SETTINGS.filter(({ type }) => !tested.has(type.allowed));
  expect(others.map(({ name }) => name)).toEqual([
    'LADEPULS_HOME',
    'LADEPULS_FEEDS', // tested below
    'LADEPULS_CONTACT',
    'LADEPULS_CACHE',
  ]);
});

describe('every setting', () => {
  it.each(ALL_SETTINGS.map((setting) => [setting.name, setting] as const))(
    '%s has a default that its type allows, or says what holds without one',
    (_, setting) => {
      const text = defaultOf(setting);
      if (text === undefined)
        expect(setting).toMatchObject({ unset: expect.stringMatching(/[^.]$/) as string });
      else expect(() => setting.type.parse(text)).not.toThrow();
    },
  );

  it('is said in one sentence of at most 25 words, which leaves the default to its place', () => {
    for (const setting of ALL_SETTINGS) {
      expect(setting.about).toMatch(/^[A-Z].*[^.]\.$/);
      expect(setting.about.split(' ').length, setting.name).toBeLessThanOrEqual(25);
      expect(setting.about, setting.name).not.toMatch(/default|unset/i);
    }
  });

  it('has a name and a field of its own, and Config has no others, but for what follows', () => {
    const names = ALL_SETTINGS.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    const fieldsOf = (topics: object) =>
      Object.entries(topics)
        .flatMap(([topic, fields]) => Object.keys(fields as object).map((field) => `${topic}.${field}`))
        .sort();
    const declared = Object.entries(SETTINGS).map(([topic, { settings }]) => [topic, settings] as const);
    expect(fieldsOf(readConfig({}))).toEqual(
      [...fieldsOf(Object.fromEntries(declared)), 'polling.feedsSetting'].sort(),
    );
  });
});

it.each([
  ['DATABASE_URL', 'mysql://me:secret@host/db'],
  ['RAW_STORE', 's3://key:secret@bucket'],
  ['LADEPULS_READER_URL', 'mysql://me:secr@et@host/db'],
])('%s is refused without repeating the password in it', (name, value) => {
  const message = refusal({ [name]: value });
  expect(message).not.toContain('secret');
  expect(message).toContain(`${name} is "${value.split('//')[0]}//…@`);
});

describe("readers' address", () => {
  const [owner, reader] = ['postgres://owner:secret@host/db', 'postgres://reader:secret@host/db'];

  it.each([
    [{ LADEPULS_READER_URL: reader }, 'DATABASE_URL is not'],
    [
      { DATABASE_URL: owner, LADEPULS_READER_URL: 'redshift://reader:secret@host/db' },
      'both with redshift://',
    ],
  ])('is refused where it is not for the warehouse that is named', (settings, message) => {
    expect(refusal(settings)).toContain(message);
    expect(refusal(settings)).not.toContain('secret');
  });
});

describe('a warehouse on Redshift', () => {
  const settings = {
    DATABASE_URL: 'redshift://me:secret@cluster.eu-central-1.redshift.amazonaws.com:5439/warehouse',
    FLAT_STORE: 's3://bucket/flat',
    LADEPULS_REDSHIFT_IAM_ROLE: 'arn:aws:iam::123456789012:role/teams/ladepuls-redshift',
  };

  it('is taken with a flat store on S3 and a role, and may refuse days', () => {
    expect(readConfig({ ...settings, LADEPULS_REFUSE_SEVERE: 'yes' })).toMatchObject({
      warehouse: {
        url: settings.DATABASE_URL,
        redshiftIamRole: settings.LADEPULS_REDSHIFT_IAM_ROLE,
      },
      loading: { refusesSevere: true },
    });
  });

  it.each([
    ['FLAT_STORE', undefined, 'FLAT_STORE is not set'],
    ['FLAT_STORE', 'file:flat', 'FLAT_STORE is "file:flat"'],
    ['LADEPULS_REDSHIFT_IAM_ROLE', undefined, 'LADEPULS_REDSHIFT_IAM_ROLE is not set'],
  ])('is refused with %s %s, saying what is allowed', (name, value, message) => {
    const text = refusal({ ...settings, [name]: value });
    expect(text).toContain(message);
    expect(text).toMatch(/must be (s3:\/\/<bucket>\/<prefix>|the ARN of the role)/);
    expect(text).not.toContain('secret');
  });
});

it('a name that is no setting is refused with those that are, but tests have their own', () => {
  const message = refusal({ LADEPULS_INTERVALL: '10m' });
  expect(message).toMatch(/^LADEPULS_INTERVALL is not a setting of Ladepuls\. The settings are: /);
  expect(message).toContain(' LADEPULS_INTERVAL,');
  expect(readConfig({ LADEPULS_TEST_LONG: '1', TZ: 'UTC', HOME: '/root' })).toEqual(readConfig({}));
});

describe('LADEPULS_FEEDS', () => {
  it('is names, separated by commas, blanks or line ends, each once', () => {
    const { feeds, feedsSetting } = readConfig({
      LADEPULS_FEEDS: 'koeln, bonn\nSW-Stuttgart koeln,',
    }).polling;
    expect(feeds).toEqual(['koeln', 'bonn', 'SW-Stuttgart']);
    expect(feedsSetting).toBe('koeln bonn SW-Stuttgart');
  });

  it('is a file with one name on each line', () => {
    const file = feedsFile('koeln\r\nbonn\n\n');
    expect(readConfig({ LADEPULS_FEEDS: file }).polling.feeds).toEqual(['koeln', 'bonn']);
  });

  it('is refused where a name is none, which is shown', () => {
    expect(refusal({ LADEPULS_FEEDS: 'koeln,b@nn' })).toBe(
      'LADEPULS_FEEDS is "koeln,b@nn", but it must be names of feeds, separated by commas or blanks, ' +
        'or a file with one name on each line ("b@nn" is none).',
    );
    expect(refusal({ LADEPULS_FEEDS: ', ,' })).toContain('must be names of feeds');
    expect(refusal({ LADEPULS_FEEDS: feedsFile('koeln\n../bonn') })).toContain('("../bonn" is none)');
    expect(refusal({ LADEPULS_FEEDS: feedsFile('') })).toContain('must be names of feeds');
  });

  it.each(['/no/such/feeds', 'no-such-feeds.txt', tmpdir()])(
    'is refused where %s can not be read as a file',
    (file) => {
      const expected = `LADEPULS_FEEDS is "${file}", but it must be names of feeds`;
      expect(refusal({ LADEPULS_FEEDS: file })).toContain(expected);
      expect(refusal({ LADEPULS_FEEDS: file })).toContain(
        'a file with one name on each line that can be read',
      );
    },
  );
});

function feedsFile(content: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'ladepuls-config-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, 'feeds'), content);
  return join(folder, 'feeds');
}
