/**
 * The arguments of every `ladepuls` that a shell's command line has, without what goes to other commands.
 *
 * @example ladepulsCalls('psql "$(ladepuls warehouse-url)" # or so') // [['warehouse-url']]
 */
export function ladepulsCalls(line: string): string[][] {
  const calls: string[][] = [];
  let call: string[] | null = null;
  for (const word of words(line)) {
    if (word.text.startsWith('#') && !word.isQuoted) break;
    if (!word.isQuoted && /^(\|\|?|&&?|;|>{1,2}|<|2>.*)$/.test(word.text)) call = null;
    else if (call === null && word.text === 'ladepuls') calls.push((call = []));
    else call?.push(word.text);
  }
  return [
    ...calls,
    ...[...line.matchAll(/\$\(([^)]*)\)/g)].flatMap(([, inner = '']) => ladepulsCalls(inner)),
  ];
}

function words(line: string): { text: string; isQuoted: boolean }[] {
  return [...line.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)].map(([, double, single, plain = '']) => ({
    text: double ?? single ?? plain,
    isQuoted: (double ?? single) !== undefined,
  }));
}
