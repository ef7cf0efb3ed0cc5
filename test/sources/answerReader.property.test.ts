import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { DEFAULT_LIMITS } from '../../src/sources/answerLimits.js';
import { AnswerReader } from '../../src/sources/answerReader.js';
import { chargecloud } from '../../src/sources/chargecloud/source.js';
import { readAnswer } from '../../src/sources/readAnswer.js';
import { BadAnswer } from '../../src/sources/source.js';

const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 8 }),
  fc.constantFrom('}', '{', '"', '\\', '"data":[', ',"data":[]', ']', '\u2028', 'Köln'),
);
const station: fc.Arbitrary<unknown> = fc.oneof(
  {
    weight: 9,
    arbitrary: fc.record({
      id: fc.integer({ min: 0, max: 5 }),
      name: text,
      evses: fc.array(fc.dictionary(text, text)),
    }),
  },
  { weight: 1, arbitrary: fc.jsonValue() },
);

/** A change from one answer to the next. */
const change = fc.oneof(
  fc.record({ what: fc.constant('set' as const), at: fc.nat(8), station }),
  fc.record({ what: fc.constant('insert' as const), at: fc.nat(8), station }),
  fc.record({ what: fc.constant('remove' as const), at: fc.nat(8) }),
);
type Change = typeof change extends fc.Arbitrary<infer T> ? T : never;

/** Envelopes, most of them ordinary. `STATIONS` is replaced by the array. */
const envelope = fc.oneof(
  {
    weight: 12,
    arbitrary: fc.constant('{"data":STATIONS,"status_code":1000,"timestamp":"2022-01-11T21:58:25+01:00"}'),
  },
  {
    weight: 6,
    arbitrary: fc.constantFrom(
      '\ufeff{"data":STATIONS,"status_code":1000}',
      ' { "data" :\n STATIONS , "status_code" : 1000 } ',
      '{"status_code":1000,"x":{"data":STATIONS}}',
      '{"status_code":1000,"x":{"data":STATIONS},"data":[]}',
      '{"data":[],"status_code":1000,"data":STATIONS}',
      '{"data":STATIONS,"status_code":1000,"d\\u0061ta":[]}',
      '{"name":"data","data":STATIONS,"status_code":1000}',
      '{"data":STATIONS,"status_code":1000,"name":"data"}',
      '{"__proto__":{"a":1},"data":STATIONS,"status_code":1000}',
      '{"data":STATIONS,"status_code":3000}',
      '{"data":STATIONS]',
      '{"data":STATIONS,"status_code":1000} x',
      '[STATIONS]',
      'STATIONS',
    ),
  },
);

/** Limits on records. The small ones are exceeded by some answers, in records or in values. */
const most = fc.constantFrom(1, 3, 10, DEFAULT_LIMITS.maxRecords);

/** The way in which the text of an answer is sent. */
const form = fc.constantFrom('gzip', 'marked', 'utf16', 'latin1', 'latin1_undeclared');

const answer = fc.record({
  changes: fc.array(change, { maxLength: 3 }),
  envelope,
  blanks: fc.constantFrom(0, 0, 0, 1),
  /** Position at which the body is truncated, or at which a byte is changed; null for most answers. */
  form: fc.oneof({ weight: 8, arbitrary: fc.constant('plain' as const) }, { weight: 2, arbitrary: form }),
  damage: fc.option(fc.record({ at: fc.nat(), byte: fc.option(fc.nat(255)) }), { freq: 4 }),
});

it('answers are read as each would be by itself, whatever came before', () => {
  fc.assert(
    fc.property(
      fc.array(station, { maxLength: 6 }),
      fc.array(answer, { maxLength: 8 }),
      most,
      (fleet, answers, maxRecords) => {
        const limits = { ...DEFAULT_LIMITS, maxRecords };
        const reader = new AnswerReader(limits);
        const stations = [...fleet];
        for (const { changes, envelope: text, blanks, form: sent, damage } of answers) {
          for (const each of changes) apply(stations, each);
          const json = text.replace('STATIONS', () => JSON.stringify(stations, null, blanks));
          const body = damaged(encoded(json, sent), damage);
          const type = sent === 'latin1' ? 'application/json; charset=iso-8859-1' : undefined;
          expect(outcome(() => reader.read(chargecloud, body, type))).toEqual(
            outcome(() => readAnswer(chargecloud, body, limits, type)),
          );
        }
      },
    ),
    { numRuns: process.env.LADEPULS_TEST_LONG ? 100_000 : 2000 },
  );
});

it('a station that stands there with the same bytes is the same object, also where the way of sending changes', () => {
  const reader = new AnswerReader(DEFAULT_LIMITS);
  const json = JSON.stringify({ data: [{ id: 1, name: 'Straße' }], status_code: 1000 });
  const type = 'application/json; charset=iso-8859-1';
  const forms = ['plain', 'gzip', 'marked', 'utf16', 'latin1', 'plain'] as const;
  const read = forms.map((sent) => reader.read(chargecloud, encoded(json, sent), type).stations[0]);
  expect(read).toEqual(forms.map(() => ({ id: 1, name: 'Straße' })));
  for (const station of read) expect(station).toBe(read[0]);
});

it('a station that stands there with the same bytes is the same object, also where another came or went before it', () => {
  const reader = new AnswerReader(DEFAULT_LIMITS);
  const read = (...ids: number[]) => {
    const data = ids.map((id) => ({ id, name: `Straße ${id}` }));
    return reader.read(chargecloud, Buffer.from(JSON.stringify({ data, status_code: 1000 }))).stations;
  };
  const [one, two, three, four] = read(1, 2, 3, 4);
  const second = read(1, 3, 4);
  expect([second[0] === one, second[1] === three, second[2] === four]).toEqual([true, true, true]);
  const third = read(1, 2, 3, 4);
  expect([third[0] === one, third[1] === two, third[2] === three, third[3] === four]).toEqual([
    true,
    false,
    true,
    true,
  ]);
});

function apply(stations: unknown[], change: Change): void {
  if (change.what === 'remove') stations.splice(change.at, 1);
  else stations.splice(change.at, change.what === 'set' ? 1 : 0, change.station);
}

function encoded(
  json: string,
  sent: 'plain' | 'gzip' | 'marked' | 'utf16' | 'latin1' | 'latin1_undeclared',
): Buffer {
  if (sent === 'gzip') return gzipSync(json);
  if (sent === 'utf16') return Buffer.from(json, 'utf16le');
  if (sent.startsWith('latin1')) return Buffer.from(json, 'latin1');
  return Buffer.from(sent === 'marked' ? `\ufeff${json}` : json);
}

function damaged(body: Buffer, damage: { at: number; byte: number | null } | null): Buffer {
  if (!damage) return body;
  const at = damage.at % Math.max(1, body.length);
  if (damage.byte === null) return body.subarray(0, at);
  body[at] = damage.byte;
  return body;
}

/** Return the result of a reader, or its error as text. */
function outcome(read: () => unknown): unknown {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof BadAnswer)) throw error;
    return `${error.reason}: ${error.message}`;
  }
}
