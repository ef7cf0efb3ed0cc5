import { type ValueType, valueType } from './valueType.js';

/** Any text. */
export const anyText: ValueType<string> = valueType({ allowed: 'any text', read: (text) => text });

/** The path of a folder. */
export const folder: ValueType<string> = valueType({ allowed: 'the path of a folder', read: (text) => text });

/** A text that matches a pattern. */
export function matching(pattern: RegExp, allowed: string): ValueType<string> {
  return valueType({ allowed, read: (text) => (pattern.test(text) ? text : undefined) });
}

/** `yes` or `no`. */
export const yesOrNo: ValueType<boolean> = valueType({
  allowed: 'yes or no',
  read: (text) => (text === 'yes' ? true : text === 'no' ? false : undefined),
});

/** One of the given words. */
export function oneOf<const Word extends string>(...words: readonly Word[]): ValueType<Word> {
  return valueType({
    allowed: `${words.slice(0, -1).join(', ')} or ${words.at(-1) ?? ''}`,
    read: (text) => words.find((word) => word === text),
  });
}
