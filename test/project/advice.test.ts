import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

/**
 * What loses data where it is followed: commands and sentences that messages and pages have no reason to advise. A reset that
 * keeps the raw store is none.
 */
const LOSES_DATA = [
  /\breset\b[^.;\n]*--raw\b/,
  /\brm\s+(-\w*r|--recursive)/,
  /\bcompose\b[^\n]*\bdown\b[^\n]*(-v\b|--volumes)/,
  /\b(docker|podman) volume (rm|prune)/,
  /\bkubectl\b[^\n]*\bdelete\b[^\n]*\b(pvc|pv|persistentvolume|statefulset|namespace ladepuls)/,
  /\baws s3 (rm|rb)\b/,
  /\b(drop|truncate) (database|schema|table)\b/i,
  /\b(delete|remove) (the|this|that|its|your) (home|cluster|volume|bucket|raw store|database|data folder)\b/i,
  /\bsearch-attribute remove\b/,
  // An object of the raw store that is moved away is none of its answers any more.
  /\bmove (it|this object|that object|the object) away\b/i,
];

/** Lines that name such a thing for another reason than to advise it. */
const ALLOWED: readonly [file: RegExp, line: RegExp][] = [
  [/^Dockerfile$/, /rm -rf \/var\/lib\/apt\/lists/],
  // Their own statements, on tables in staging, rebuilt or temporary.
  [/^src\/warehouse\//, /drop (schema|table)|truncate /i],
  [/^CHANGELOG\.md$/, /./],
  [/^src\//, /^\s*(\/\*\*|\*|\/\/)/],
  // Whoever reads of it reads what it costs.
  [/./, /--raw.*can never be asked for again/],
];

/** Messages, help and pages: everything that people read. */
function files(): string[] {
  const listed = execFileSync('git', ['ls-files', '-z'], { encoding: 'utf8' }).split('\0');
  return listed.filter((name) =>
    /^(src|deploy|docs)\/.*\.(ts|tsx|md|ya?ml|env)$|^[^/]+\.(md|yml)$|^Dockerfile$/.test(name),
  );
}

it('no message and no page advises what loses data', () => {
  const read = files();
  expect(read.length).toBeGreaterThan(200);
  const found = read.flatMap((name) =>
    readFileSync(name, 'utf8')
      .split('\n')
      .flatMap((line, index) => (isAdvice(name, line) ? [`${name}:${index + 1}: ${line.trim()}`] : [])),
  );
  expect(found).toEqual([]);
});

it.each([
  'Run "ladepuls reset --yes --raw" and start again.',
  'rm -rf .ladepuls',
  'docker compose down --volumes',
  'To begin anew, delete the cluster.',
])('finds such advice: %s', (line) => {
  expect(isAdvice('docs/operate.md', line)).toBe(true);
});

function isAdvice(name: string, line: string): boolean {
  if (ALLOWED.some(([file, allowed]) => file.test(name) && allowed.test(line))) return false;
  return LOSES_DATA.some((pattern) => pattern.test(line));
}
