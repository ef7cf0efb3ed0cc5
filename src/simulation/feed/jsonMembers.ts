import { visit } from 'jsonc-parser';

/** Where a member's value stands in the text, in UTF-16 units: half-open. */
export interface TextRange {
  start: number;
  end: number;
}

/**
 * The members of the object that a JSON text is, by name, as places in the text: so a value can be cut out or
 * replaced while all the rest stays as it is, blanks and escapes included.
 * @throws RangeError when the text is no JSON object or ends within it
 */
export function jsonMembers(text: string): Map<string, TextRange> {
  const members = new Map<string, TextRange>();
  let depth = 0;
  let name: string | null = null;
  let start = 0;
  const begin = (offset: number): void => {
    if (depth === 1) start = offset;
    depth++;
  };
  const end = (offset: number, length: number): void => {
    depth--;
    if (depth === 1 && name !== null) members.set(name, { start, end: offset + length });
  };
  const beginWithin = (offset: number): void => {
    if (depth === 0) throw new RangeError('the text is JSON, but not an object');
    begin(offset);
  };
  visit(
    text,
    {
      onObjectBegin: begin,
      onArrayBegin: beginWithin,
      onObjectEnd: end,
      onArrayEnd: end,
      onObjectProperty: (property) => {
        if (depth === 1) name = property;
      },
      onLiteralValue: (_, offset, length) => {
        beginWithin(offset);
        end(offset, length);
      },
      onError: (_, offset) => {
        throw new RangeError(
          `the text is not one whole JSON object: it stops being one at character ${offset}`,
        );
      },
    },
    { disallowComments: true },
  );
  return members;
}
