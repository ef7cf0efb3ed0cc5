import { expect, it } from 'vitest';
import { normaliseTextSet } from '../../src/domain/textSet.js';

it('is sorted JSON of distinct texts', () => {
  expect(normaliseTextSet(['b', ' a', 'b', '', '-', null])).toEqual({ value: '["a","b"]', issues: [] });
});

it('tells an empty list from none', () => {
  expect(normaliseTextSet([]).value).toBe('[]');
  expect(normaliseTextSet(null)).toEqual({ value: null, issues: [] });
});

it('leaves out what is no text, and says where it stood', () => {
  expect(normaliseTextSet(['a', {}])).toEqual({
    value: '["a"]',
    issues: [{ reason: 'not_text', at: '[1]', raw: {} }],
  });
  expect(normaliseTextSet('a')).toEqual({
    value: null,
    issues: [{ reason: 'not_an_array', at: '', raw: 'a' }],
  });
});
