import { fileURLToPath } from 'node:url';

/** The package's folder. This file is two folders deep in it, in `src/` as in `dist/`. */
const PACKAGE = new URL('../../', import.meta.url);

/** The address of a file or folder of the package, such as `sql/postgres/`. */
export function packageUrl(path: string): URL {
  return new URL(path, PACKAGE);
}

/**
 * The path of a compiled file, such as `worker.js`, for a process or thread of its own: these run what the build made,
 * also when the caller is TypeScript itself, as in tests and benchmarks.
 */
export function compiledFile(path: string): string {
  return fileURLToPath(packageUrl(`dist/${path}`));
}
