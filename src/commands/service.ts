import { Option } from 'commander';
import type { Context } from './context/context.js';
import type { CommandDeclaration, CommandGroup } from './declaration/declaration.js';
import { inContext } from './declaration/inContext.js';
import { jsonOption } from './declaration/jsonOption.js';
import type * as unitModule from './service/unit.js';

type UnitWork = (context: Context, options: unitModule.UnitCommandOptions) => Promise<void>;

/** Declare a command on a systemd unit. All these commands have the same options, which choose the unit. */
function ofUnit(
  name: string,
  summary: string,
  example: string,
  chooseWork: (module: typeof unitModule) => UnitWork,
): CommandDeclaration {
  return {
    name,
    summary,
    options: [
      new Option('--user', "a unit of this user's own systemd; default, unless this is root"),
      new Option('--system', 'a unit of the machine; default for root'),
      new Option('--name <name>', 'of the unit, where several homes have one each').default('ladepuls'),
      new Option(
        '--run-as <user>',
        'user of a system unit; default: the owner of the home directory, else ladepuls',
      ),
      new Option('--force', 'replace or remove a unit that was changed by hand'),
      jsonOption(),
    ],
    examples: [example],
    action: inContext(async (context, options: unitModule.UnitCommandOptions) => {
      await chooseWork(await import('./service/unit.js'))(context, options);
    }),
  };
}

export const service: CommandGroup = {
  name: 'service',
  summary: 'Ladepuls as a unit of systemd, which starts it with the machine and restarts it',
  details: `Root installs a system unit, anybody else one of their own. LADEPULS_HOME names the home; docs/service.md has the
details.`,
  examples: ['sudo LADEPULS_HOME=/srv/ladepuls ladepuls service install'],
  subcommands: [
    ofUnit('print', 'print the unit', 'ladepuls service print --user', ({ printUnit }) => printUnit),
    ofUnit(
      'install',
      'write the unit, start it now and with the machine, and wait until it is up',
      'sudo LADEPULS_HOME=/srv/ladepuls ladepuls service install --run-as ladepuls',
      ({ installUnit }) => installUnit,
    ),
    ofUnit(
      'uninstall',
      'stop the unit and remove it; data and settings stay',
      'sudo ladepuls service uninstall',
      ({ uninstallUnit }) => uninstallUnit,
    ),
  ],
};
