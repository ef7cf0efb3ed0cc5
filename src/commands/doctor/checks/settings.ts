import { readConfig } from '../../../settings/config.js';
import type { Check } from '../check.js';
import { type Finding, ok, problem, unknown } from '../finding.js';

/** Check every setting, and report each wrong one with the reason. */
export const settings: Check = {
  name: 'settings',
  needs: 'environment',
  look(env) {
    const wrong = wrongSettings(env);
    if (wrong.length > 0)
      return [
        ...wrong,
        unknown(
          'Ladepuls did not run the checks that need the settings.',
          'Correct the settings, and run "ladepuls doctor" again.',
        ),
      ];
    const set = Object.keys(env).filter((name) => name.startsWith('LADEPULS_')).length;
    return [ok(`All settings can be used; ${set} of LADEPULS_… are set.`)];
  },
};

/** Find every wrong setting. After each error, remove the setting that the error names, and read the rest again. */
function wrongSettings(env: NodeJS.ProcessEnv): Finding[] {
  let rest = env;
  const found: Finding[] = [];
  for (;;) {
    try {
      readConfig(rest);
      return found;
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      found.push(
        problem(
          message,
          "Correct the value where it is set: in the environment, or in the systemd unit's file of settings.",
        ),
      );
      const [name = ''] = /^[A-Z][A-Z_0-9]+/.exec(message) ?? [];
      if (rest[name] === undefined) return found; // it is not set: another setting makes it wrong
      rest = Object.fromEntries(Object.entries(rest).filter(([other]) => other !== name));
    }
  }
}
