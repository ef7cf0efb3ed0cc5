import { describe, expect, it } from 'vitest';
import { DEFAULT_FEEDS } from '../../src/sources/chargecloud/feeds.js';
import {
  firstCollection,
  reconcileCollection,
  withFeed,
  withoutFeeds,
  withPaused,
} from '../../src/stores/collectionChange.js';
import type { CollectionEntry, FeedState } from '../../src/stores/collectionLog.js';

const feed = (name: string, more: Partial<FeedState> = {}): FeedState => ({
  name,
  source: 'chargecloud',
  paused: false,
  ...more,
});
const settings = (names: string | null, intervalMinutes = 10) => ({
  feeds: names?.split(' ') ?? DEFAULT_FEEDS,
  feedsSetting: names,
  intervalMinutes,
});
const entry = (feeds: FeedState[], setting: string | null, interval_minutes = 10): CollectionEntry => ({
  version: 1,
  at: '2026-01-31T12:00:00.000Z',
  reason: 'start',
  feeds,
  setting,
  interval_minutes,
});
const names = (feeds: FeedState[] | undefined) => feeds?.map(({ name }) => name);

describe('what the collection log must go on with', () => {
  it('is, without any entry, what the settings say', () => {
    const first = reconcileCollection(null, settings('bonn kiel', 5));
    expect(first).toEqual({
      reason: 'start',
      interval_minutes: 5,
      feeds: [feed('bonn'), feed('kiel')],
      setting: 'bonn kiel',
    });
    expect(names(firstCollection(settings(null)).feeds)).toEqual(DEFAULT_FEEDS);
  });

  it('is nothing where nothing changed, or the setting is gone', () => {
    const last = entry([feed('bonn')], 'bonn kiel');
    expect(reconcileCollection(last, settings('bonn kiel'))).toBeNull();
    expect(reconcileCollection(last, settings(null))).toBeNull();
  });

  it('has what the setting names newly, and no more what it names no longer', () => {
    const paused = feed('kiel', { paused: true });
    const byHand = feed('herrenberg', { source: 'ocpi', url: 'http://127.0.0.1/' });
    const changed = reconcileCollection(
      entry([feed('bonn'), paused, byHand], 'bonn kiel roth'),
      settings('kiel roth hof'),
    );
    // A command removed roth; the setting names it as before.
    expect(changed).toEqual({
      reason: 'setting',
      interval_minutes: 10,
      feeds: [paused, byHand, feed('hof')],
      setting: 'kiel roth hof',
    });
  });

  it('has only the feeds of a setting that is there for the first time, but for those added by hand', () => {
    const last = entry([...DEFAULT_FEEDS.map((name) => feed(name)), feed('SW-Stuttgart')], null);
    expect(names(reconcileCollection(last, settings('bonn'))?.feeds)).toEqual(['bonn', 'SW-Stuttgart']);
  });

  it('has a changed interval', () => {
    const last = entry([feed('bonn', { paused: true })], 'bonn');
    expect(reconcileCollection(last, settings('bonn', 5))).toEqual({
      reason: 'interval',
      interval_minutes: 5,
      feeds: last.feeds,
      setting: 'bonn',
    });
  });
});

describe('a change by hand', () => {
  const feeds = [feed('bonn'), feed('kiel', { paused: true })];

  it('adds, removes, pauses and resumes', () => {
    expect(names(withFeed(feeds, feed('roth')))).toEqual(['bonn', 'kiel', 'roth']);
    expect(names(withoutFeeds(feeds, ['bonn']))).toEqual(['kiel']);
    expect(withPaused(feeds, ['bonn'], true).map(({ paused }) => paused)).toEqual([true, true]);
    expect(withPaused(feeds, ['kiel'], false).map(({ paused }) => paused)).toEqual([false, false]);
  });

  it('refuses what is there already, or is not', () => {
    expect(() => withFeed(feeds, feed('kiel'))).toThrow('kiel is already collected');
    expect(() => withoutFeeds(feeds, ['bonn', 'roth', 'hof'])).toThrow('roth, hof are not collected');
    expect(() => withPaused(feeds, ['Bonn'], true)).toThrow('Bonn is not collected');
  });
});
