import { readFile } from 'node:fs/promises';
import { packageUrl } from '../../../runtime/paths.js';
import type { Check } from '../check.js';
import { ok, problem } from '../finding.js';

/** Compare the version of Node with the one that package.json requires. */
export const node: Check = {
  name: 'node',
  needs: 'environment',
  async look() {
    const { engines } = JSON.parse(await readFile(packageUrl('package.json'), 'utf8')) as {
      engines: { node: string };
    };
    const wanted = engines.node.replace(/^>=/, '');
    const version = process.versions.node;
    if (!isOlder(version, wanted)) return [ok(`Node ${version} runs Ladepuls.`)];
    return [
      problem(
        `Node ${version} is too old for Ladepuls, which needs ${wanted} or later.`,
        'Install Node 22, and run "npm install" again.',
      ),
    ];
  },
};

/** Whether a version such as 20.19.1 is older than one such as 20.19. */
export function isOlder(version: string, wanted: string): boolean {
  const [has, needs] = [version, wanted].map((text) => text.split('.').map(Number));
  for (const [index, number] of (needs ?? []).entries()) {
    const difference = (has?.[index] ?? 0) - number;
    if (difference !== 0) return difference < 0;
  }
  return false;
}
