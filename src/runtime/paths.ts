import { fileURLToPath } from 'node:url';

/** The package's folder, which is two folders above this file in both `src/` and `dist/`. */
const PACKAGE = new URL('../../', import.meta.url);

/** The URL of a file or folder of the package, such as `sql/postgres/`. */
export function packageUrl(path: string): URL {
  return new URL(path, PACKAGE);
}

/**
 * The path of a compiled file, such as `worker.js`, for a separate process or thread. Processes and threads run the
 * output of the build, also when the caller is TypeScript, as in tests and benchmarks.
 */
export function compiledFile(path: string): string {
  return fileURLToPath(packageUrl(`dist/${path}`));
}
