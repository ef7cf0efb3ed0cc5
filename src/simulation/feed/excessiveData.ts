/** Shapes of answers that have few bytes but an excessive number of elements, levels or characters. */
export const EXCESSIVE_SHAPES = [
  'stations',
  'charging_points',
  'connectors',
  'numbers',
  'arrays',
  'nesting',
  'text',
  'repeated_keys',
  'unknown_fields',
] as const;

export type ExcessiveShape = (typeof EXCESSIVE_SHAPES)[number];

/**
 * Return the array `data` of an envelope with `count` of something: records with only an id, values, levels of nesting,
 * or characters of a text.
 */
export function excessiveData(shape: ExcessiveShape, count: number): string {
  switch (shape) {
    case 'stations':
      return list(count, (i) => `{"id":${i + 1}}`);
    case 'charging_points':
      return `[{"id":1,"evses":${list(count, (i) => `{"uid":"${i}"}`)}}]`;
    case 'connectors':
      return `[{"id":1,"evses":[{"uid":"1","status":"AVAILABLE","connectors":${list(count, (i) => `{"id":${i}}`)}}]}]`;
    case 'numbers':
      return list(count, () => '1');
    case 'arrays':
      return list(count, () => '[]');
    case 'nesting':
      return `[${'['.repeat(count)}${']'.repeat(count)}]`;
    case 'text':
      return `[{"id":1,"name":"${'x'.repeat(count)}","evses":[]}]`;
    case 'repeated_keys':
      return `[{"id":1,${members(count, (i) => `"name":"${i % 10}"`)},"evses":[]}]`;
    case 'unknown_fields':
      return `[{"id":1,${members(count, (i) => `"k${i}":1`)},"evses":[]}]`;
  }
}

function list(count: number, element: (index: number) => string): string {
  return `[${members(count, element)}]`;
}

function members(count: number, member: (index: number) => string): string {
  return Array.from({ length: count }, (_, index) => member(index)).join(',');
}
