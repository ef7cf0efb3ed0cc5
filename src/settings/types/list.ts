import { type ValueType, valueType } from './valueType.js';

/** Split a text at commas, spaces and line ends. */
export function wordsOf(text: string): string[] {
  return text.split(/[\s,]+/).filter((word) => word !== '');
}

/** One or more words that `isAllowed` accepts, separated by commas or spaces. */
export function listOf(isAllowed: (word: string) => boolean, allowed: string): ValueType<readonly string[]> {
  return valueType({
    allowed,
    read(text) {
      const words = wordsOf(text);
      return words.length > 0 && words.every(isAllowed) ? words : undefined;
    },
  });
}

/**
 * One or more of the `known` words, separated by commas or spaces. The value has each word once, in the order of
 * `known`.
 */
export function someOf<const Word extends string>(...known: readonly Word[]): ValueType<readonly Word[]> {
  return valueType({
    allowed: `${known.join(', ')}, or several of them, separated by commas`,
    read(text) {
      const words = wordsOf(text);
      const areKnown = words.length > 0 && words.every((word) => known.some((each) => each === word));
      return areKnown ? known.filter((word) => words.includes(word)) : undefined;
    },
  });
}
