import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chargecloud } from '../../src/sources/chargecloud/source.js';
import { ocpi } from '../../src/sources/ocpi/source.js';
import { equalExcept } from '../../src/cleaning/equal.js';
import { isTextColumn, TEXT_BYTES } from '../../src/domain/textBytes.js';
import type { Source } from '../../src/sources/source.js';
import { station2024 } from './chargecloud/stations.js';
import { balance } from './counts.js';
import { location } from './ocpi/locations.js';

/** Values that a broken feed might write anywhere. */
const junk = fc.oneof(
  {
    weight: 2,
    arbitrary: fc.constantFrom(
      null,
      '',
      '-',
      ' ',
      0,
      -1,
      1.5,
      1e300,
      '007',
      '\u0000',
      '\ud800',
      true,
      [],
      {},
    ),
  },
  { weight: 1, arbitrary: fc.string({ unit: 'binary' }) },
  // Texts that are longer than most columns allow, in characters of one to four bytes.
  { weight: 1, arbitrary: fc.string({ unit: 'grapheme', minLength: 100, maxLength: 6000, size: 'max' }) },
  { weight: 1, arbitrary: fc.constantFrom('AVAILABLE', 'CHARGING', 'HIBERNATING', '303', '447') },
  { weight: 1, arbitrary: fc.jsonValue() },
);

interface Mutation {
  at: number;
  by: unknown;
  how: 'replace' | 'remove' | 'add' | 'double';
}

const mutation = fc.record<Mutation>({
  at: fc.nat(),
  by: junk,
  how: fc.constantFrom('replace', 'remove', 'add', 'double'),
});

/** Return every object and array of a parsed JSON with each of its keys: the positions that a mutation may change. */
function places(json: unknown, found: [Record<string, unknown> | unknown[], string][] = []) {
  if (typeof json !== 'object' || json === null) return found;
  const container = json as Record<string, unknown>;
  for (const key of Object.keys(container)) {
    found.push([container, key]);
    places(container[key], found);
  }
  return found;
}

function mutate(json: unknown, { at, by, how }: Mutation): void {
  const all = places(json);
  const place = all[at % Math.max(1, all.length)];
  if (!place) return;
  const [container, key] = place as [Record<string, unknown>, string];
  if (Array.isArray(container) && how === 'double') container.push(structuredClone(container[Number(key)]));
  else if (Array.isArray(container) && how === 'remove') container.splice(Number(key), 1);
  else if (how === 'remove') Reflect.deleteProperty(container, key);
  else if (how === 'add' && !Array.isArray(container)) container[`new ${at % 3}`] = by;
  else container[key] = by;
}

const mutated = (original: unknown, { atMost }: { atMost: number }) =>
  fc.array(mutation, { minLength: 1, maxLength: atMost }).map((steps) => {
    const station: unknown = JSON.parse(JSON.stringify(original));
    for (const step of steps) mutate(station, step);
    return station;
  });

/** Return all texts in a reading. No database accepts NUL or an unpaired surrogate in them. */
function texts(reading: unknown): string[] {
  return places(reading).flatMap(([container, key]) => {
    const value = (container as Record<string, unknown>)[key];
    return typeof value === 'string' ? [value] : [];
  });
}

/** Return the columns of a reading whose text is longer than allowed. */
function tooLong(reading: unknown): string[] {
  return places(reading).flatMap(([container, key]) => {
    const value = (container as Record<string, unknown>)[key];
    if (typeof value !== 'string' || !isTextColumn(key)) return [];
    return Buffer.byteLength(value) > TEXT_BYTES[key] ? [key] : [];
  });
}

function check(source: Source, station: unknown): void {
  const reading = source.readStation(station, '$.data[0]');
  const { read, accounted } = balance(reading);
  expect(accounted).toEqual(read);
  expect(tooLong(reading)).toEqual([]);
  expect(texts(reading).filter((text) => /[\p{Cc}\p{Cs}]/u.test(text))).toEqual([]);
  expect(source.readStation(structuredClone(station), '$.data[0]')).toEqual(reading);
}

/** The sources, each with a station in its own form. */
const SOURCES = [
  { name: 'chargecloud', source: chargecloud, station: station2024() },
  { name: 'ocpi', source: ocpi, station: location() },
];

describe.each(SOURCES)('$name', { timeout: 60_000 }, ({ source, station: original }) => {
  it('reads any JSON without throwing, and accounts for all of it', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (station) => check(source, station)),
      { numRuns: 300 },
    );
  });

  it('reads stations with anything wrong in them without throwing, and accounts for all of it', () => {
    fc.assert(
      fc.property(mutated(original, { atMost: 8 }), (station) => check(source, station)),
      { numRuns: 600 },
    );
  });

  it('gives the same reading by the statuses alone as in full', () => {
    const ordinary = fc.constantFrom('AVAILABLE', 'CHARGING', 'BLOCKED');
    const odd = fc.constantFrom('HIBERNATING', ' AVAILABLE', '', null, 3);
    const status = fc.oneof({ weight: 50, arbitrary: ordinary }, { weight: 1, arbitrary: odd });
    let reread = 0;
    const property = fc.property(
      mutated(original, { atMost: 2 }),
      fc.array(status, { minLength: 1 }),
      (station, statuses) => {
        const later = withStatuses(station, statuses, source);
        expect(equalExcept(station, later, source.volatileKeys)).toBe(true);
        const reading = source.rereadStatuses(later, source.readStation(station, '$'));
        if (!reading) return;
        reread++;
        expect(reading).toEqual(source.readStation(later, '$'));
      },
    );
    fc.assert(property, { numRuns: 600 });

    expect(reread).toBeGreaterThan(100); // otherwise the test compares hardly anything
  });
});

it('writes control characters of what it could not read as JSON does, those too that JSON may leave', () => {
  const station = { ...station2024(), owner: { 'a\u0085': 'b\u007f\n' }, 'new\u009f': 1 };
  const { fieldIssues: issues } = chargecloud.readStation(station, '$.data[0]');
  expect(issues).toMatchObject([
    { field: '"new\\u009f"', value: '1' },
    { field: 'owner', value: '{"a\\u0085":"b\\u007f\\n"}' },
  ]);
});

/** Copy a station, with other statuses and parking sensor statuses. */
function withStatuses(station: unknown, statuses: unknown[], source: Source): unknown {
  const copy = structuredClone(station);
  places(copy).forEach(([container, key], index) => {
    const record = container as Record<string, unknown>;
    if (key === 'status') record[key] = statuses[index % statuses.length];
    if (key === 'parkingsensor_status' && source.volatileKeys.has(key)) record[key] = 'AVAILABLE';
  });
  return copy;
}
