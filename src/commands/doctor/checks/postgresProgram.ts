import { bundledVersion } from '../../../local/postgresBinaries.js';
import { clusterVersion } from '../../../local/postgresLocation.js';
import { POSTGRES_USER } from '../../../local/postgresUser.js';
import { commandRunner } from '../../../local/runCommand.js';
import { lookUpUser } from '../../../local/systemUser.js';
import type { Check } from '../check.js';
import { type Finding, ok, problem } from '../finding.js';

/** When DATABASE_URL is not set, check Postgres' programs and the user that they run as. */
export const postgresProgram: Check = {
  name: 'Postgres program',
  needs: 'settings',
  async look({ config }) {
    if (config.warehouse.url !== undefined) return [ok('Not needed: DATABASE_URL names a warehouse.')];
    let bundled: number;
    try {
      bundled = await bundledVersion();
    } catch (error) {
      return [
        problem(
          (error as Error).message,
          'Run "npm install" without --omit=optional, or set DATABASE_URL to a Postgres of your own.',
        ),
      ];
    }
    const made = await clusterVersion(config.general.home);
    if (made !== null && made !== bundled)
      return [
        problem(
          `Postgres ${made} created the home's cluster. This release has Postgres ${bundled}, which can't open the cluster.`,
          'docs/postgres-upgrade.md says how to create the warehouse again from the raw store.',
        ),
      ];
    return [ok(`Postgres ${bundled} is installed.`), ...(await judgeUser())];
  },
};

/** Check which user Postgres can run as. Postgres refuses to run as root. */
async function judgeUser(): Promise<Finding[]> {
  if (process.getuid?.() !== 0) return [];
  const run = commandRunner();
  if (await lookUpUser(POSTGRES_USER, run))
    return [ok(`Postgres runs as user ${POSTGRES_USER}, because ladepuls runs as root.`)];
  const { ok: canMake } = await run('sh', ['-c', 'command -v useradd || command -v adduser'], {
    env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin' },
    cwd: '/',
  });
  return canMake
    ? [
        ok(
          `Postgres can't run as root. The first "ladepuls start" creates the user ${POSTGRES_USER} for Postgres.`,
        ),
      ]
    : [
        problem(
          `Postgres can't run as root, and there is no user ${POSTGRES_USER}.`,
          `Create the user with "useradd --system ${POSTGRES_USER}", or run ladepuls as an ordinary user.`,
        ),
      ];
}
