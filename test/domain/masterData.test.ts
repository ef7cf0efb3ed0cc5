import { expect, it } from 'vitest';
import {
  columnsOf,
  completing,
  CONNECTOR,
  JSON_ATTRIBUTES,
  POINT,
  STATION,
} from '../../src/domain/masterData.js';
import { isTextColumn, TEXT_BYTES } from '../../src/domain/textBytes.js';

it('sets attributes to null that a source does not have, in the order of the columns', () => {
  const connector = completing(CONNECTOR)({ id_cp: 'ocpi:1', source: 'ocpi', max_power: 22 });
  expect(connector).toEqual({
    id_cp: 'ocpi:1',
    source: 'ocpi',
    standard: null,
    format: null,
    power_type: null,
    ampere: null,
    voltage: null,
    max_power: 22,
  });
  expect(Object.keys(connector)).toEqual(columnsOf(CONNECTOR));
});

it('gives every text a length, and an attribute of several entities the same length', () => {
  const entities: Record<string, { type: string; bytes?: number }>[] = [STATION, POINT, CONNECTOR];
  for (const attributes of entities)
    for (const [name, { bytes }] of Object.entries(attributes))
      expect(isTextColumn(name) ? TEXT_BYTES[name] : undefined, name).toBe(bytes);
  expect([...JSON_ATTRIBUTES].sort()).toEqual(['capabilities', 'opening_hours']);
});
