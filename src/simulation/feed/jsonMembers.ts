import { visit } from 'jsonc-parser';

/** The range of a member's value in the text, half-open, in UTF-16 code units. */
export interface TextRange {
  start: number;
  end: number;
}

/**
 * Find the members of a JSON object by name, as ranges of the text. A value can then be cut out or replaced while the
 * remaining text stays the same, including spaces and escapes.
 * @throws RangeError when the text is no JSON object, or is incomplete
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
