import { describe, expect, it } from 'vitest';
import { findEnvelopes } from '../../src/importing/envelopes.js';

/** Return the envelopes found, as `feed=text`, and why the rest could not be read. */
function found(content: string | Buffer): { envelopes: string[]; problem: string | null } {
  const bytes = Buffer.from(content);
  const { ranges, problem } = findEnvelopes(bytes);
  const envelopes = ranges.map(({ feed, start, end }) => `${feed}=${bytes.toString('utf8', start, end)}`);
  return { envelopes, problem };
}

describe('the envelopes of a poll file', () => {
  it('are the exact texts of its members', () => {
    expect(found(' {"köln" :\t{ "a" : "ö😀" }\r\n,\n"bo\\u006en":[1, 2] , "x": null}\n')).toEqual({
      envelopes: ['köln={ "a" : "ö😀" }', 'bonn=[1, 2]', 'x=null'],
      problem: null,
    });
  });

  it('keep brackets, quotes and backslashes in their texts apart from those of the file', () => {
    const envelope = String.raw`{"a":"}]\"{\\","b\"}":["{",{}]}`;
    expect(found(`{"bonn":${envelope},"kiel":{}}`).envelopes).toEqual([`bonn=${envelope}`, 'kiel={}']);
  });

  it('are all there when names come twice', () => {
    expect(found('{"bonn":1,"bonn":{"a":1,"a":2}}').envelopes).toEqual(['bonn=1', 'bonn={"a":1,"a":2}']);
  });

  it('follow a byte order mark', () => {
    expect(found('\ufeff{"bonn":{}}')).toEqual({ envelopes: ['bonn={}'], problem: null });
  });

  it('are found around one that is no JSON', () => {
    const broken = '{"a": nope, "line\nbreak": 01 /* ! */}';
    expect(found(`{"bonn":${broken},"kiel":{}}`)).toEqual({
      envelopes: [`bonn=${broken}`, 'kiel={}'],
      problem: null,
    });
  });

  it('are found around bytes that are no UTF-8', () => {
    const bytes = Buffer.concat([
      Buffer.from('{"a":{"b":"'),
      Buffer.from([0xff, 0xc3]),
      Buffer.from('"},"c":{}}'),
    ]);
    expect(findEnvelopes(bytes)).toEqual({
      ranges: [
        { feed: 'a', start: 5, end: 15 },
        { feed: 'c', start: 20, end: 22 },
      ],
      problem: null,
    });
  });

  const whole = '{"bonn": {"a": "x\\"y", "b": [1]}, "kiel": {"c": true}, "hof": 12 }';
  it('are those before the place where the file is cut short, wherever that is', () => {
    const ends = [whole.indexOf(', "kiel"'), whole.indexOf(', "hof"'), whole.indexOf(' }')];
    for (let length = 1; length < whole.length; length++) {
      const { envelopes, problem } = found(whole.slice(0, length));
      // The end of a number is known only when another character follows.
      const complete = ends.filter((end, index) => (index === 2 ? false : end <= length)).length;
      expect(envelopes).toHaveLength(complete);
      expect(problem).toBe(`is cut short after byte ${length}`);
    }
    expect(found(whole).envelopes).toHaveLength(3);
  });

  it.each([
    ['', 'is empty'],
    [' \n', 'is empty'],
    ['[1, 2]', 'is JSON, but not an object of feeds'],
    ['"text"', 'is JSON, but not an object of feeds'],
    ['12', 'is JSON, but not an object of feeds'],
    ['<html></html>', 'is not JSON'],
    ['nul', 'is not JSON'],
    ['{bonn: {}}', 'stops being a poll file at byte 1'],
    ['{"bonn" {}}', 'stops being a poll file at byte 8'],
    ['{"bonn": }', 'stops being a poll file at byte 9'],
    ['{,}', 'stops being a poll file at byte 1'],
    ['{"\\x": 1}', 'stops being a poll file at byte 1'],
    ['{"bonn": {}} {"kiel": {}}', 'has content after the end of its JSON object, at byte 13'],
    ['{"bonn": {}, }', 'stops being a poll file at byte 13'],
    ['{"bonn": {} "kiel": {}}', 'stops being a poll file at byte 12'],
    ['{"bonn": {}]', 'stops being a poll file at byte 11'],
    ['{"bonn": {}, // more\n "kiel": {}}', 'stops being a poll file at byte 13'],
  ])('end where the file stops being one: %j', (content, problem) => {
    expect(found(content).problem).toBe(problem);
    expect(found(content).envelopes).toEqual(content.startsWith('{"bonn": {}') ? ['bonn={}'] : []);
  });

  it('are none in an empty object', () => {
    expect(found('{ }')).toEqual({ envelopes: [], problem: null });
  });
});
