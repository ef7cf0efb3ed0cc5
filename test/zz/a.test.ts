import { beforeAll, describe, expect, test } from 'vitest';
describe('failing hook', () => { beforeAll(() => { throw new Error('x'); }); test('one', () => {}); test('two', () => {}); });
test('noted', (c) => c.skip('no reason'));
test('fails', () => expect(1).toBe(2));
test('ok', () => {});
test.todo('later');
