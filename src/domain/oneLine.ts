const LONGEST = 1_000;

/** Turn a text into one line of at most 1,000 characters. Foreign error messages may have many lines and any length. */
export function oneLine(text: string): string {
  const line = text.replaceAll(/\s+/g, ' ').trim();
  return line.length <= LONGEST ? line : `${line.slice(0, LONGEST - 1)}…`;
}
