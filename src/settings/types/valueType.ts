/** The type of a setting's value: how its text is read, and which texts are allowed. */
export interface ValueType<T> {
  /** What is allowed, in the words of errors and docs: `a whole number from 1 to 64`. */
  readonly allowed: string;
  /** The unit of a number, such as `threads`, or the units that a text may end with, such as `kB, MB or GB`. */
  readonly unit?: string;
  /**
   * Read a non-empty text.
   *
   * @throws NotAllowed when the type does not allow the text
   */
  parse(text: string): T;
}

/** The error when a type does not allow a text. The message says what is allowed. */
export class NotAllowed extends Error {
  override name = 'NotAllowed';
}

/**
 * Create a type of values.
 *
 * @param read returns the value of a text, or undefined if the text is not allowed
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
