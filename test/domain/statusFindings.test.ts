import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { OwnerFacts, ComponentFacts, SlotFacts, StatusFacts } from '../../src/domain/statusFacts.js';
import { levelOf, statusFindings } from '../../src/domain/statusFindings.js';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const NOON = Date.UTC(2026, 0, 31, 12);
/** The n-th slot of ten minutes after noon, UTC; 13:00 in Berlin. */
const slot = (n: number) => NOON + n * 10 * MINUTE_MS;

const OWNER: OwnerFacts = {
  pid: 7,
  mode: 'service',
  sinceMs: NOON - 48 * HOUR_MS,
  isStarting: false,
  components: [],
  hasWarehouse: true,
};
const run = (n: number, notStored: Record<string, string> = {}) => ({ slot: slot(n), stored: 2, notStored });
const SLOTS: SlotFacts = {
  intervalMinutes: 10,
  expectedSinceMs: NOON - 72 * HOUR_MS,
  feeds: 2,
  runs: [run(0), run(-1), run(-2), run(-3), run(-4), run(-5)],
  days: ['2026-01-29', '2026-01-30', '2026-01-31'],
};
/** An installation without findings, at the end of the slot of noon. */
const WELL: StatusFacts = {
  nowMs: slot(0) + 10 * MINUTE_MS,
  timeZone: 'Europe/Berlin',
  home: '/var/lib/ladepuls',
  isRemote: false,
  owner: OWNER,
  schedules: [
    { id: 'acquire', state: 'active' },
    { id: 'load-day', state: 'active' },
  ],
  slots: SLOTS,
  failedLoads: [],
  loadedDays: ['2026-01-30', '2026-01-29'],
  awaitsRebuild: false,
  space: [
    {
      folder: '/var/lib/ladepuls',
      holds: ['home'],
      state: { freeBytes: 80e9, totalBytes: 250e9, freeFiles: 0.9 },
    },
  ],
  spool: null,
};

const judge = (facts: Partial<StatusFacts>) => {
  const findings = statusFindings({ ...WELL, ...facts });
  return { level: levelOf(findings), ids: findings.map(({ id }) => id), text: findings[0]?.text ?? '' };
};
const slots = (facts: Partial<SlotFacts>) => ({ slots: { ...SLOTS, ...facts } });
const component = (facts: Partial<ComponentFacts>): Partial<StatusFacts> => ({
  owner: {
    ...OWNER,
    components: [
      {
        name: 'worker',
        state: 'running',
        since: '2026-01-31T09:00:00Z',
        restarts: 0,
        reason: null,
        ...facts,
      },
    ],
  },
});

it('nothing is found where all is well', () => {
  expect(judge({})).toEqual({ level: 'ok', ids: [], text: '' });
});

describe('what runs', () => {
  it.each<[string, Partial<StatusFacts>, string, string[]]>([
    ['nothing', { owner: null, schedules: null, loadedDays: null }, 'critical', ['nothing_runs']],
    ['a command only', { owner: { ...OWNER, mode: 'command' } }, 'critical', ['nothing_runs']],
    ['nothing here, for Temporal is elsewhere', { owner: null, isRemote: true }, 'ok', []],
    ['what can’t be read', { owner: { unknown: 'EACCES' } }, 'unknown', ['home_unreadable']],
    [
      'a start that is under way',
      { owner: { ...OWNER, sinceMs: WELL.nowMs - MINUTE_MS, isStarting: true } },
      'warning',
      ['starting'],
    ],
    [
      'a start that does not end',
      { owner: { ...OWNER, sinceMs: WELL.nowMs - 11 * MINUTE_MS, isStarting: true } },
      'critical',
      ['starting'],
    ],
    ['a part that never was restarted', component({}), 'ok', []],
    ['a part that was restarted long ago', component({ restarts: 3 }), 'ok', []],
    [
      'a part that was restarted just now',
      component({ restarts: 3, since: '2026-01-31T12:05:00Z', reason: 'it hung' }),
      'warning',
      ['part_restarted'],
    ],
    [
      'a part that is restarted',
      component({ state: 'restarting', reason: 'it hung' }),
      'critical',
      ['part_down'],
    ],
    ['the API that is restarted', component({ name: 'api', state: 'restarting' }), 'warning', ['part_down']],
    [
      'a part that is being started',
      component({ state: 'starting', since: '2026-01-31T12:05:00Z' }),
      'warning',
      ['part_down'],
    ],
    [
      'a part that failed to start',
      component({ state: 'starting', since: '2026-01-31T12:05:00Z', reason: 'EACCES' }),
      'critical',
      ['part_down'],
    ],
    ['a part that never came up', component({ state: 'starting' }), 'critical', ['part_down']],
    ['an API that never came up', component({ name: 'api', state: 'starting' }), 'warning', ['part_down']],
    [
      'a service without a warehouse',
      { owner: { ...OWNER, hasWarehouse: false }, loadedDays: null },
      'critical',
      ['warehouse_missing'],
    ],
    [
      'a service that starts, whose warehouse is not known yet',
      { owner: { ...OWNER, sinceMs: WELL.nowMs - 1, isStarting: true, hasWarehouse: false } },
      'warning',
      ['starting'],
    ],
  ])('%s', (_what, facts, level, ids) => {
    expect(judge(facts)).toMatchObject({ level, ids });
  });

  it('a part that is restarted is named, with the reason', () => {
    expect(judge(component({ state: 'restarting', reason: 'it hung' })).text).toBe(
      'worker does not run since 2026-01-31 10:00, and is being restarted: it hung',
    );
  });
});

describe('slots', () => {
  const overdue = (nowMs: number, facts: Partial<StatusFacts> = {}) => judge({ nowMs, ...facts });

  it('a slot is overdue a minute after it is over, and not before', () => {
    expect(overdue(slot(2) + MINUTE_MS - 1).ids).toEqual([]);
    expect(overdue(slot(2) + MINUTE_MS)).toEqual({
      level: 'critical',
      ids: ['slot_overdue'],
      text: 'Slot 2026-01-31 13:10 is overdue; the last one that was run is 2026-01-31 13:00.',
    });
    expect(overdue(slot(5) + 2 * MINUTE_MS).text).toContain('4 slots are overdue, from 2026-01-31 13:10 on');
  });

  it('none is before a service that came up has had a whole slot', () => {
    const owner = { ...OWNER, sinceMs: slot(10) + 1 };
    expect(overdue(slot(12), { owner }).ids).toEqual([]);
    expect(overdue(slot(12) + MINUTE_MS, { owner }).ids).toEqual(['slot_overdue']);
  });

  it('none is where no feed is to be polled, or polling is paused, which is said', () => {
    expect(overdue(slot(9), slots({ expectedSinceMs: null }))).toEqual({
      level: 'warning',
      ids: ['nothing_to_poll'],
      text: 'Nothing is polled: all 2 feeds are paused.',
    });
    const schedules = [{ id: 'acquire', state: 'paused' } as const];
    expect(overdue(slot(9), { schedules })).toMatchObject({ level: 'critical', ids: ['schedule_paused'] });
  });

  it('that nothing is to be polled is said where something would poll', () => {
    const nothing = (feeds: number | null) => slots({ expectedSinceMs: null, feeds, runs: [] });
    expect(judge(nothing(null)).text).toMatch(
      /^No feed is to be polled: the raw store has no collection log/,
    );
    expect(judge(nothing(0)).text).toBe('No feed is collected, so nothing is polled.');
    expect(judge({ ...nothing(0), owner: null, isRemote: true }).ids).toEqual(['nothing_to_poll']);
    const starting = { owner: { ...OWNER, sinceMs: WELL.nowMs - 1, isStarting: true } };
    expect(judge({ ...nothing(null), ...starting }).ids).toEqual(['starting']);
    expect(judge({ ...nothing(null), owner: null }).ids).toEqual(['nothing_runs']);
  });

  it('one is where workers elsewhere poll nothing', () => {
    expect(overdue(slot(9), { owner: null, isRemote: true }).ids).toEqual(['slot_overdue']);
  });

  it('a slot of which nothing is stored is told of, with the reasons', () => {
    const last = { slot: slot(0), stored: 0, notStored: { a: 'timeout', b: 'timeout', c: 'paused' } };
    expect(judge(slots({ runs: [last] }))).toEqual({
      level: 'critical',
      ids: ['slot_not_stored'],
      text: 'Nothing was stored in slot 2026-01-31 13:00: 2 × timeout.',
    });
    expect(judge(slots({ runs: [{ ...last, notStored: { c: 'paused' } }] })).ids).toEqual([]);
  });

  it('a slot that was as good as over when the service came up is no matter', () => {
    const late = { slot: slot(0), stored: 0, notStored: { a: 'late' } };
    expect(judge(slots({ runs: [late] })).ids).toEqual(['slot_not_stored']);
    const owner = { ...OWNER, sinceMs: slot(0) + 1 };
    expect(judge({ owner, ...slots({ runs: [late] }) }).ids).toEqual([]);
  });

  it('answers that could not be stored are told of, also where others were', () => {
    expect(judge(slots({ runs: [run(0, { a: 'store_failed' })] }))).toMatchObject({
      level: 'critical',
      ids: ['store_failed'],
    });
  });

  it('a feed is told of that was stored in none of the last six slots, and no sooner', () => {
    const all = [0, -1, -2, -3, -4, -5];
    const runs = all.map((n) => run(n, { bonn: 'timeout', kiel: 'paused' }));
    expect(judge(slots({ runs }))).toEqual({
      level: 'warning',
      ids: ['feeds_failing'],
      text: '1 feed not stored in the last 6 slots: bonn (timeout).',
    });
    expect(judge(slots({ runs: runs.slice(1) })).ids).toEqual([]);
    expect(judge(slots({ runs: [...runs.slice(0, 5), run(-5)] })).ids).toEqual([]);
  });

  it('a feed with an interval of its own is failing after six slots of its own', () => {
    const slower = { nord: 3 };
    const own = (n: number, isStored: boolean) => ({
      ...run(n, isStored ? {} : { nord: 'http_500' }),
      ...(isStored && { storedSlower: ['nord'] }),
    });
    const runs = Array.from({ length: 18 }, (_, index) =>
      index % 3 === 1 ? own(-index, false) : run(-index),
    );
    expect(judge(slots({ runs, slower }))).toMatchObject({
      ids: ['feeds_failing'],
      text: '1 feed not stored in the last 6 slots: nord (http_500).',
    });
    expect(judge(slots({ runs: runs.with(1, own(-1, true)), slower })).ids).toEqual([]);
    expect(judge(slots({ runs: runs.with(16, own(-16, true)), slower })).ids).toEqual([]);
    expect(judge(slots({ runs: runs.slice(0, 15), slower })).ids).toEqual([]);
  });

  it('a slot in which no feed was due says nothing', () => {
    const empty = { slot: slot(0), stored: 0, notStored: {} };
    const failed = { slot: slot(-1), stored: 0, notStored: { nord: 'timeout' } };
    expect(judge(slots({ runs: [empty, run(-1)], slower: { nord: 3 } })).ids).toEqual([]);
    expect(judge(slots({ runs: [empty, failed], slower: { nord: 3 } })).ids).toEqual(['slot_not_stored']);
  });

  it('a raw store that can’t be read is told of', () => {
    expect(judge({ slots: { unknown: 'AccessDenied' } })).toMatchObject({
      level: 'critical',
      ids: ['raw_unreachable'],
    });
  });
});

describe('loads', () => {
  it('yesterday is late from seven o’clock on, local time', () => {
    const early = { slots: { ...SLOTS, expectedSinceMs: NOON }, loadedDays: ['2026-01-29'] };
    expect(judge({ ...early, nowMs: Date.UTC(2026, 0, 31, 5, 59) }).ids).toEqual([]);
    expect(judge({ ...early, nowMs: Date.UTC(2026, 0, 31, 6, 1) })).toMatchObject({
      level: 'warning',
      ids: ['load_late'],
      text: '2026-01-30 is not loaded yet.',
    });
  });

  it('a service that came up late in the day has time to catch up', () => {
    const loadedDays = ['2026-01-29'];
    const came = (hours: number) => ({ ...OWNER, sinceMs: WELL.nowMs - hours * HOUR_MS });
    expect(judge({ loadedDays, owner: came(2) }).ids).toEqual([]);
    expect(judge({ loadedDays, owner: came(4) }).ids).toEqual(['load_late']);
  });

  it('several days are critical; the day under way and one without polls are no matter', () => {
    expect(judge({ loadedDays: [] })).toMatchObject({ level: 'critical', ids: ['load_late'] });
    expect(judge({ loadedDays: [], ...slots({ days: ['2026-01-31'] }) }).ids).toEqual([]);
  });

  it('a warehouse of an earlier version awaits its rebuild; days that are late meanwhile are told of with it', () => {
    expect(judge({ awaitsRebuild: true })).toMatchObject({ level: 'warning', ids: ['rebuild_awaited'] });
    expect(judge({ awaitsRebuild: true, slots: { unknown: 'EIO' } }).ids).toContain('rebuild_awaited');
    const late = judge({ awaitsRebuild: true, loadedDays: [] });
    expect(late).toMatchObject({ level: 'critical', ids: ['rebuild_awaited'] });
    expect(late.text).toContain('2 days are not loaded yet: 2026-01-29, 2026-01-30.');
    const [found] = statusFindings({ ...WELL, awaitsRebuild: true, loadedDays: ['2026-01-29'] });
    expect(found?.advice).toContain('"ladepuls rebuild"');
    expect(found?.advice).not.toContain('ladepuls load');
  });

  it('a load that failed is told of once', () => {
    const failedLoads = [{ day: '2026-01-30', workflowId: 'loadDay-x', reason: 'disk full' }];
    expect(judge({ failedLoads, loadedDays: ['2026-01-29'] })).toEqual({
      level: 'critical',
      ids: ['load_failed'],
      text: 'The load of 2026-01-30 failed: disk full',
    });
  });

  it('what can’t be reached is named', () => {
    expect(judge({ loadedDays: { unknown: 'no answer within 5 s' } })).toMatchObject({
      level: 'critical',
      ids: ['warehouse_unreachable'],
    });
    const unknown = { unknown: 'no answer within 5 s' };
    expect(judge({ schedules: unknown, failedLoads: unknown })).toMatchObject({
      level: 'critical',
      ids: ['temporal_unreachable'],
    });
    expect(judge({ failedLoads: unknown })).toMatchObject({ level: 'unknown', ids: ['loads_unknown'] });
  });
});

describe('space', () => {
  const space = (freeBytes: number, totalBytes: number, freeFiles: number | null = 0.5) => ({
    space: [{ folder: '/data', holds: ['raw store'], state: { freeBytes, totalBytes, freeFiles } }],
  });

  it.each([
    ['enough', 80e9, 250e9, 0.5, 'ok'],
    ['less than a gigabyte of a small disk', 0.9e9, 5e9, 0.5, 'warning'],
    ['less than 5 %', 12e9, 250e9, 0.5, 'warning'],
    ['less than 5 % of a very large disk, which is much', 100e9, 10e12, 0.5, 'ok'],
    ['next to nothing', 0.1e9, 250e9, 0.5, 'critical'],
    ['few inodes', 80e9, 250e9, 0.01, 'warning'],
    ['no inodes', 80e9, 250e9, 0, 'critical'],
    ['inodes without limit', 80e9, 250e9, null, 'ok'],
  ] as const)('%s', (_what, freeBytes, totalBytes, freeFiles, level) => {
    expect(judge(space(freeBytes, totalBytes, freeFiles)).level).toBe(level);
  });

  it('what waits in the spool is told of', () => {
    const spool = { answers: 3, bytes: 2_000_000, oldestMs: WELL.nowMs - 5 * MINUTE_MS, broken: 0 };
    expect(judge({ spool }).text).toBe(
      '3 answers (2 MB) wait in the spool to be stored, the oldest for 5 min.',
    );
    expect(judge({ spool: { ...spool, answers: 0, oldestMs: null } }).level).toBe('ok');
    expect(judge({ spool: { ...spool, answers: 0, oldestMs: null, broken: 2 } })).toMatchObject({
      level: 'warning',
      text: '2 files of the spool are broken and set aside in /var/lib/ladepuls/spool/broken.',
    });
  });
});

it('whatever others say, a finding is one line of a bounded length', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'binary', maxLength: 2_000 }),
      fc.integer({ min: 0, max: 40 }),
      (text, repeats) => {
        const unknown = { unknown: `${text}\n`.repeat(repeats) };
        const findings = statusFindings({
          ...WELL,
          owner: unknown,
          schedules: unknown,
          slots: unknown,
          failedLoads: [{ day: '2026-01-30', workflowId: text, reason: text }],
          loadedDays: unknown,
          space: [{ folder: text, holds: [text], state: unknown }],
          spool: unknown,
        });
        expect(findings.length).toBeGreaterThan(4);
        for (const told of findings) {
          expect(told.text).not.toMatch(/[\n\r]/);
          expect(told.text.length).toBeLessThanOrEqual(1_000);
          expect(told.advice).not.toMatch(/[\n\r]/);
        }
      },
    ),
  );
});
