import { existsSync } from 'node:fs';
import { mkdtemp, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { openPromise } from 'yauzl';
import { cacheFolder } from '../../src/local/cache.js';
import { commandRunner } from '../../src/local/runCommand.js';
import { fetchWheel, type Wheel } from '../../src/local/wheel.js';

/** Packages that have schemas in them as their projects publish these: of Compose files, of Kubernetes objects. */
const COMPOSE: Wheel = {
  name: 'check-jsonschema',
  version: '0.39.0',
  sha256: '14ce5c94871c551268ea948ffe21e9f1464dc48fb20bf9a4c13deeaaf756cf9b',
};
const KUBERNETES: Wheel = {
  name: 'kubernetes-validate',
  version: '1.37.0',
  sha256: '85136d018a27b50ec7fc049d902bfa5193f5976807e6c0f408e3ab6fe078cad9',
};
export const SCHEMA_WHEELS = [COMPOSE, KUBERNETES];

/** The JSON schema of Compose files. */
export async function composeSchema(): Promise<object> {
  const name = 'compose-spec.json';
  return schemaNamed(await readJson(COMPOSE, 'check_jsonschema/builtin_schemas/vendor', [name]), name);
}

/** JSON schemas of Kubernetes, such as `job-batch-v1.json`, that allow no other members than they name. */
export function kubernetesSchemas(names: readonly string[]): Promise<Map<string, object>> {
  const folder = `kubernetes_validate/kubernetes-json-schema/v${KUBERNETES.version}-local-strict`;
  return readJson(KUBERNETES, folder, names);
}

/** One of the schemas. Throws where it is not among them. */
export function schemaNamed(schemas: ReadonlyMap<string, object>, name: string): object {
  const schema = schemas.get(name);
  if (!schema) throw new Error(`There is no schema ${name} in the package.`);
  return schema;
}

/** Fetches a package into the cache, unless it is there, and tells its path. */
export async function provideWheel(wheel: Wheel): Promise<string> {
  const { env } = process;
  const cache = cacheFolder(undefined, env);
  const target = join(cache, `${wheel.name}-${wheel.version}.whl`);
  if (existsSync(target)) return target;
  const folder = await mkdtemp(join(cache, `.fetch-${process.pid}-`));
  try {
    await rename(await fetchWheel(wheel, folder, env, commandRunner()), target);
    return target;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Reads files of a folder in a package in one go: it has thousands of others. */
async function readJson(
  wheel: Wheel,
  folder: string,
  names: readonly string[],
): Promise<Map<string, object>> {
  const wanted = new Map(names.map((name) => [`${folder}/${name}`, name]));
  const found = new Map<string, object>();
  const zip = await openPromise(await provideWheel(wheel));
  try {
    for await (const entry of zip.eachEntry()) {
      const name = wanted.get(entry.fileName);
      if (name === undefined) continue;
      found.set(name, JSON.parse(await text(await zip.openReadStreamPromise(entry))) as object);
    }
  } finally {
    zip.close();
  }
  return found;
}
