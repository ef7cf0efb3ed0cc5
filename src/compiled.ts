import { fileURLToPath } from 'node:url';

/**
 * The path of a compiled file, such as `worker.js`, for a process or thread of its own: these run what
 * the build made, also when the caller is TypeScript itself, as in tests and benchmarks.
 */
export function compiledFile(path: string): string {
  const root = import.meta.url.endsWith('.ts') ? '../dist/' : './';
  return fileURLToPath(new URL(root + path, import.meta.url));
}
