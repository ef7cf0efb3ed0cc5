import { readLedgers } from '../../../local/processLedger.js';
import { commandLineOf } from '../../../local/processIdentity.js';
import { holderOf } from '../../../local/portHolder.js';
import { isPortFree, USUAL_PORTS } from '../../../local/ports.js';
import { namesTemporal } from '../../../temporal/client.js';
import { isRedshift } from '../../../domain/warehouseAddress.js';
import type { Check, Subject } from '../check.js';
import { type Finding, ok, problem, warning } from '../finding.js';

interface Port {
  of: string;
  number: number;
  /**
   * The setting that fixes the port; null for a default port. When a default port is taken, a start uses another one.
   */
  setting: string | null;
  /** Whether polling needs the port. */
  isNeededToPoll: boolean;
}

/** Check that each configured or default port is free; otherwise name the process that listens on it. */
export const ports: Check = {
  name: 'ports',
  needs: 'settings',
  look: async (subject) => (await Promise.all(portsOf(subject).map((port) => judge(port, subject)))).flat(),
};

function portsOf({ config, env }: Subject): Port[] {
  const port = (
    of: string,
    number: number | undefined,
    setting: string,
    usual: number | null,
    isNeededToPoll: boolean,
  ): Port[] => {
    const chosen = number ?? usual;
    if (chosen === null) return [];
    return [{ of, number: chosen, setting: number === undefined ? null : setting, isNeededToPoll }];
  };
  const { temporalPort, uiPort, postgresPort } = config.local;
  return [
    ...(namesTemporal(env)
      ? []
      : [
          ...port('Temporal', temporalPort, 'LADEPULS_TEMPORAL_PORT', USUAL_PORTS.temporal, true),
          ...port("Temporal's Web UI", uiPort, 'LADEPULS_UI_PORT', USUAL_PORTS.ui, true),
        ]),
    ...(config.warehouse.url === undefined
      ? port('Postgres', postgresPort, 'LADEPULS_POSTGRES_PORT', USUAL_PORTS.postgres, false)
      : []),
    ...(isRedshift(config.warehouse.url ?? '')
      ? []
      : port('the API', config.api.port, 'LADEPULS_API_PORT', USUAL_PORTS.api, false)),
    ...port("the worker's health", config.worker.healthPort, 'LADEPULS_HEALTH_PORT', null, true),
  ];
}

async function judge(port: Port, { config }: Subject): Promise<Finding[]> {
  const { of, number, setting, isNeededToPoll } = port;
  const named = `Port ${number} of ${of}${setting === null ? '' : ` (${setting})`}`;
  if (await isPortFree(number)) return [ok(`${named} is free.`)];
  const pid = await holderOf(number);
  if (pid !== null && isOurs(pid, config.general.home)) return [ok(`${named} is used by this installation.`)];
  const holder = describeHolder(pid);
  if (setting === null)
    return [ok(`${named} is used by ${holder}. "ladepuls start" uses another port that is free.`)];
  const advice = `Stop that process, set ${setting} to another port, or unset ${setting}: Ladepuls then chooses a free port.`;
  const message = `${named} is taken by ${holder}.`;
  return [
    isNeededToPoll
      ? problem(`${message} Ladepuls can't start.`, advice)
      : warning(`${message} Ladepuls can't start ${of}. Polling continues without ${of}.`, advice),
  ];
}

function isOurs(pid: number, home: string): boolean {
  try {
    return readLedgers(home).some(({ processes }) => processes.some((entry) => entry.pid === pid));
  } catch {
    return false; // the home was never started, or this user may not read it
  }
}

function describeHolder(pid: number | null): string {
  if (pid === null) return 'a process of another user';
  const command = commandLineOf(pid);
  return `process ${pid}${command === null ? '' : ` (${command.slice(0, 80)})`}`;
}
