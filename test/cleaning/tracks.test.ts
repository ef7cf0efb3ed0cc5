import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type StatusSpan, Tracks } from '../../src/cleaning/tracks.js';

const COLUMNS = ['name', 'ampere'];

interface Sighting {
  content: { name: string | null; ampere: number };
  status: string;
  sensor: string | null;
}

const sighting = fc.record<Sighting>({
  content: fc.record({ name: fc.constantFrom('a', 'b', null), ampere: fc.constantFrom(16, 32) }),
  status: fc.constantFrom('AVAILABLE', 'CHARGING'),
  sensor: fc.constantFrom(null, null, 'OCCUPIED'),
});
/** Content of an entity in each poll of a day; null when a poll does not show the entity. */
const sightings = fc.array(fc.option(sighting), { maxLength: 30 });

/** Simple model: a span is a longest sequence of polls with one content. */
function expectedSpans(day: (Sighting | null)[]) {
  const texts = day.map((seen) => (seen ? `${seen.content.name ?? ''},${seen.content.ampere}\n` : null));
  const starts = texts.flatMap((text, poll) => (text !== null && text !== texts[poll - 1] ? [poll] : []));
  return starts.map((firstPoll) => {
    const after = texts.findIndex((text, poll) => poll > firstPoll && text !== texts[firstPoll]);
    const lastPoll = after < 0 ? texts.length - 1 : after - 1;
    return { firstPoll, lastPoll, polls: lastPoll - firstPoll + 1, text: texts[firstPoll] };
  });
}

it('splits spans at every poll that lacks the entity or shows it changed, of statuses too, and keeps every observation', () => {
  const property = fc.property(sightings, (day) => {
    const tracks = new Tracks();
    for (const [poll, seen] of day.entries()) {
      const track = tracks.of('303');
      expect([track.seenIn(poll), track.isObservedIn(poll)]).toEqual([false, false]);
      if (!seen) continue;
      track.see(poll, seen.content, COLUMNS);
      track.observe(poll, seen.status, seen.sensor);
      expect([track.seenIn(poll), track.isObservedIn(poll)]).toEqual([true, true]);
    }
    const { contentSpans, statusSpans } = tracks.of('303');
    expect(contentSpans).toEqual(expectedSpans(day));
    const observed = statusSpans.flatMap(({ firstPoll, polls, status, sensor }) =>
      Array.from({ length: polls }, (_, at) => ({ poll: firstPoll + at, status, sensor })),
    );
    expect(observed).toEqual(
      day.flatMap((seen, poll) => (seen ? [{ poll, status: seen.status, sensor: seen.sensor }] : [])),
    );
    const goesOn = ({ firstPoll, status, sensor }: StatusSpan, index: number) => {
      const before = statusSpans[index - 1];
      return before?.lastPoll === firstPoll - 1 && before.status === status && before.sensor === sensor;
    };
    expect(statusSpans.filter(goesOn)).toEqual([]);
  });
  fc.assert(property, { numRuns: 500 });
});

it('compares contents by value, not by object, and skips the work where it is the same object', () => {
  const track = new Tracks().of(326);
  const content = { name: 'a', ampere: 16 };
  track.see(0, content, COLUMNS);
  track.see(1, content, COLUMNS);
  track.see(2, { ...content }, COLUMNS);
  expect(track.contentSpans).toEqual([{ firstPoll: 0, lastPoll: 2, polls: 3, text: 'a,16\n' }]);
});

it('keeps entities in the order of their first sighting, ids told apart by their type', () => {
  const tracks = new Tracks();
  for (const id of ['b', 'a', 1, '1', 'b']) tracks.of(id);
  expect([...tracks].map(({ id }) => id)).toEqual(['b', 'a', 1, '1']);
});
