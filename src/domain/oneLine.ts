const LONGEST = 1_000;

/** Makes one line of a text, of at most 1,000 characters: errors of others can have many lines, and no end. Messages of our own are shorter. */
export function oneLine(text: string): string {
  const line = text.replaceAll(/\s+/g, ' ').trim();
  return line.length <= LONGEST ? line : `${line.slice(0, LONGEST - 1)}…`;
}
