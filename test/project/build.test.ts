import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';

const BUILD = resolve(import.meta.dirname, '../../build.js');
const CONFIG = {
  compilerOptions: {
    module: 'NodeNext',
    target: 'ES2023',
    types: [],
    rootDir: 'src',
    outDir: 'dist',
    incremental: true,
    tsBuildInfoFile: 'dist/.tsbuildinfo',
  },
  include: ['src'],
};
/** As the project's own, its bundle is made by what was compiled. */
const BUNDLE = `// @ts-ignore
import { writeFileSync } from 'node:fs';
writeFileSync('dist/workflow-bundle.js', '');
`;

/** A small project that is built as this one is. */
function makeProject() {
  const folder = mkdtempSync(join(tmpdir(), 'ladepuls-build-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const at = (path: string) => join(folder, path);
  const write = (path: string, text: string) => writeFileSync(at(path), text);
  mkdirSync(at('src/build'), { recursive: true });
  write('package.json', '{ "type": "module" }');
  write('tsconfig.build.json', JSON.stringify(CONFIG));
  write('src/build/bundle.ts', BUNDLE);
  write('src/cli.ts', 'export const answer: number = 1;\n');
  return {
    at,
    write,
    build: () => spawnSync(process.execPath, [BUILD], { cwd: folder, encoding: 'utf8' }),
    madeAt: () => statSync(at('dist/workflow-bundle.js')).mtimeMs,
  };
}

describe('the build', () => {
  it('is not repeated before a source changes or something of it is gone', () => {
    const { at, write, build, madeAt } = makeProject();
    expect(build()).toMatchObject({ status: 0, stdout: '', stderr: '' });
    const first = madeAt();
    expect(build().status).toBe(0);
    expect(madeAt()).toBe(first);

    write('src/cli.ts', 'export const answer: number = 2;\n');
    expect(build().status).toBe(0);
    expect(madeAt()).toBeGreaterThan(first);
    expect(readFileSync(at('dist/cli.js'), 'utf8')).toContain('answer = 2');

    rmSync(at('dist/cli.js'));
    expect(build().status).toBe(0);
    expect(existsSync(at('dist/cli.js'))).toBe(true);
  });

  it('that failed is repeated, and fails again', () => {
    const { write, build } = makeProject();
    expect(build().status).toBe(0);
    write('src/cli.ts', 'export const answer: number = "two";\n');
    for (let times = 0; times < 2; times++) {
      const { status, stdout } = build();
      expect(status).not.toBe(0);
      expect(stdout).toContain('src/cli.ts');
    }
    write('src/cli.ts', 'export const answer: number = 1;\n');
    expect(build(), 'though these sources were built before').toMatchObject({ status: 0 });
  });
});
