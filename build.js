import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import process from 'node:process';

/**
 * Makes dist/ from src/ in the current folder: the compiled modules and the workflow bundle. Does nothing where dist/
 * was made from the same sources, since the installation, the checks and the tests all ask for it.
 */
const INPUTS = ['package-lock.json', 'tsconfig.json', 'tsconfig.build.json'];
/** Holds the digest of what dist/ was made from; written last. */
const STAMP = 'dist/.sources';

const sources = readdirSync('src', { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map((entry) => join(entry.parentPath, entry.name))
  .sort();

function digest() {
  const hash = createHash('sha256');
  for (const path of [...INPUTS, ...sources].filter(existsSync)) {
    const content = readFileSync(path);
    hash.update(`${path}\0${content.length}\0`).update(content);
  }
  return hash.digest('hex');
}

/** Whether everything is there that a build makes. */
function isWhole() {
  const modules = sources
    .filter((path) => /(?<!\.d)\.tsx?$/.test(path))
    .map((path) => path.replace(/^src/, 'dist').replace(/\.tsx?$/, '.js'));
  return ['dist/workflow-bundle.js', ...modules].every(existsSync);
}

function run(...args) {
  const { status, error } = spawnSync(process.execPath, args, { stdio: 'inherit' });
  if (error) throw error;
  if (status !== 0) process.exit(status ?? 1);
}

const wanted = digest();
const found = existsSync(STAMP) ? readFileSync(STAMP, 'utf8') : null;
if (found !== wanted || !isWhole()) {
  rmSync(STAMP, { force: true });
  // The compiler remembers what it has written, and would not write it again.
  if (!isWhole()) rmSync('dist/.tsbuildinfo', { force: true });
  run(createRequire(import.meta.url).resolve('typescript/bin/tsc'), '-p', 'tsconfig.build.json');
  run('dist/build/bundle.js');
  writeFileSync(STAMP, wanted);
}
