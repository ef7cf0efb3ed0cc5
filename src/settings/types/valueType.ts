/** The type of a setting's value: how its text is read, and what is allowed. */
export interface ValueType<T> {
  /** What is allowed, as an error and the docs say it: `a whole number from 1 to 64`. */
  readonly allowed: string;
  /** The unit of a number, such as `threads`; the units that a text may end with, such as `kB, MB or GB`. */
  readonly unit?: string;
  /** Reads a text that is not empty. Throws {@link NotAllowed}. */
  parse(text: string): T;
}

/** A text that a type does not allow. The message says what is allowed. */
export class NotAllowed extends Error {
  override name = 'NotAllowed';
}

/**
 * Makes a type of values.
 *
 * @param read returns the value of a text, or undefined where the text is not allowed
 * @example valueType({ allowed: 'yes or no', read: (text) => ({ yes: true, no: false })[text] })
 */
export function valueType<T>({
  read,
  ...words
}: Pick<ValueType<T>, 'allowed' | 'unit'> & { read: (text: string) => T | undefined }): ValueType<T> {
  return {
    ...words,
    parse(text) {
      const value = read(text);
      if (value === undefined) throw new NotAllowed(words.allowed);
      return value;
    },
  };
}
