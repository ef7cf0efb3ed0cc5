import { Option } from 'commander';
import type { CommandDeclaration } from './declaration/declaration.js';
import { inContext } from './declaration/inContext.js';
import { jsonOption } from './declaration/jsonOption.js';
import type { StopOptions } from './stop/stop.js';

export const stop: CommandDeclaration = {
  name: 'stop',
  summary: 'stop the installation in LADEPULS_HOME and wait until all its processes have ended',
  options: [
    new Option('--timeout <seconds>', 'how long to wait').default('120'),
    new Option('--now', 'shorten the time that each component has to end, as a second Ctrl-C does'),
    new Option('--command', 'stop a command too, such as an import or a load, as Ctrl-C would'),
    jsonOption(),
  ],
  details: `Where nothing runs it says so, and exits 0. An installation that systemd runs must be stopped with
systemctl.`,
  examples: ['LADEPULS_HOME=/srv/ladepuls ladepuls stop'],
  action: inContext(async (context, options: StopOptions) => {
    const { stop: run } = await import('./stop/stop.js');
    await run(context, options);
  }),
};
