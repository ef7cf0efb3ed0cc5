import { expect, it } from 'vitest';
import { sourceByName } from '../../src/sources/registry.js';

it('finds every source by its name', () => {
  for (const name of ['chargecloud', 'ocpi']) expect(sourceByName(name).name).toBe(name);
});

it('names the known sources where there is none', () => {
  expect(() => sourceByName('ocpp')).toThrow('there is no source "ocpp"; the sources are chargecloud, ocpi');
});
