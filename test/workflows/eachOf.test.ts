import fc from 'fast-check';
import { expect, it } from 'vitest';
import { eachOf } from '../../src/workflows/eachOf.js';

it('does the work of every item once, no more than allowed at a time, results in order', async () => {
  const delays = fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 12 });
  const property = fc.asyncProperty(delays, fc.integer({ min: 1, max: 5 }), async (items, atOnce) => {
    let running = 0;
    let most = 0;
    const results = await eachOf(items, atOnce, async (ticks) => {
      most = Math.max(most, ++running);
      for (let tick = 0; tick < ticks; tick++) await Promise.resolve();
      running--;
      return ticks * 2;
    });
    expect(results).toEqual(items.map((ticks) => ticks * 2));
    expect(most).toBeLessThanOrEqual(Math.min(atOnce, items.length));
  });
  await fc.assert(property);
});

it('fails with the first failure', async () => {
  const work = (item: number) => (item === 2 ? Promise.reject(new Error('two')) : Promise.resolve(item));
  await expect(eachOf([1, 2, 3], 2, work)).rejects.toThrow('two');
});
