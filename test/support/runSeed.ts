import { execFileSync } from 'node:child_process';

const HOUR_MS = 3_600_000;

/**
 * The number that says which sample of the long tests a run takes: `LADEPULS_TEST_SEED`, else the number of commits, so
 * that consecutive commits take different samples, and a commit always the same one. Without a whole history: the hours
 * since 1970.
 */
export function runSeed(env: NodeJS.ProcessEnv): number {
  const named = env.LADEPULS_TEST_SEED;
  if (named === undefined) return countCommits() ?? Math.floor(Date.now() / HOUR_MS);
  if (/^\d{1,9}$/.test(named)) return Number(named);
  throw new Error(`LADEPULS_TEST_SEED is "${named}": it must be a whole number of at most nine digits`);
}

function countCommits(): number | null {
  const git = (...args: string[]) =>
    execFileSync('git', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  try {
    if (git('rev-parse', '--is-shallow-repository') !== 'false') return null;
    return Number(git('rev-list', '--count', 'HEAD'));
  } catch {
    return null;
  }
}
