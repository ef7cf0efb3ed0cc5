import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

interface Package {
  dependencies: Record<string, string>;
  devDependencies: Record<string, string>;
  overrides: Record<string, string>;
  allowScripts: Record<string, boolean>;
}

interface Lock {
  packages: Record<string, { integrity?: string; resolved?: string; hasInstallScript?: boolean }>;
}

const read = (name: string): unknown =>
  JSON.parse(readFileSync(new URL(`../../${name}`, import.meta.url), 'utf8'));
const { dependencies, devDependencies, overrides, allowScripts } = read('package.json') as Package;
const { packages } = read('package-lock.json') as Lock;
/** By folder; the one without a name is this project itself. */
const locked = Object.fromEntries(Object.entries(packages).filter(([folder]) => folder !== ''));

it('are named with exact versions, none of which comes from elsewhere than the registry', () => {
  for (const [name, version] of Object.entries({ ...dependencies, ...devDependencies, ...overrides }))
    expect(version, name).toMatch(/^\d+\.\d+\.\d+(-[\w.-]+)?$/);
  for (const [name, { resolved }] of Object.entries(locked)) expect(resolved, name).toBeUndefined();
});

it('are locked by a checksum each, those that they need included', () => {
  expect(Object.keys(locked).length).toBeGreaterThan(100);
  for (const [name, { integrity }] of Object.entries(locked)) expect(integrity, name).toMatch(/^sha512-/);
});

it('run no script of theirs when they are installed', () => {
  const scripted = Object.entries(locked)
    .filter(([, { hasInstallScript }]) => hasInstallScript)
    .map(([path]) => path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length));
  expect(scripted.length).toBeGreaterThan(0);
  for (const name of scripted) expect(allowScripts, name).toHaveProperty([name], false);
  expect(Object.values(allowScripts)).not.toContain(true);
  // An image is built without them as well, by an npm that may not know the list.
  const dockerfile = readFileSync(new URL('../../Dockerfile', import.meta.url), 'utf8');
  for (const line of dockerfile.match(/npm (?:ci|install|prune).*/g) ?? [])
    expect(line).toContain('--ignore-scripts');
});
