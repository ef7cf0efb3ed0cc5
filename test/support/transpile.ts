import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import ts from 'typescript';

const ROOT = resolve(import.meta.dirname, '../..');

/**
 * Translates sources, named below the repository's root, and all that they import from it, into a folder, so that a test
 * can run them in a process of its own, such as one to kill. `src/stores/file.ts` becomes `<folder>/src/stores/file.js`.
 * Packages are not there.
 */
export async function transpile(sources: string[], folder: string): Promise<void> {
  await writeFile(join(folder, 'package.json'), '{"type":"module"}');
  const names = new Set(sources);
  for (const name of names) {
    const source = await readFile(join(ROOT, name), 'utf8');
    const { outputText } = ts.transpileModule(source, {
      compilerOptions: { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2023 },
    });
    const target = join(folder, name.replace(/\.ts$/, '.js'));
    await mkdir(dirname(target), { recursive: true });
    await writeFile(target, outputText);
    for (const { fileName } of ts.preProcessFile(outputText).importedFiles)
      if (fileName.startsWith('.')) names.add(join(dirname(name), fileName.replace(/\.js$/, '.ts')));
  }
}
