import { createHash } from 'node:crypto';
import type { Scope } from './systemd.js';

/** What a unit of systemd for this installation depends on. Paths are absolute. */
export interface UnitOptions {
  /** `user`: of a user's own systemd. `system`: of the machine's. */
  scope: Scope;
  /** The program of Node, and the file that it runs. */
  node: string;
  cli: string;
  home: string;
  cache: string;
  /** Settings, a `NAME=value` a line; may be absent. */
  environmentFile: string;
  /** Who runs it, for a system unit. */
  user: string;
  /** Folders outside of the home that are written to, such as a raw store's. */
  writable: readonly string[];
  /** systemd's version; null where it is not known. */
  systemdVersion: number | null;
}

/** The first start fetches Temporal's server, perhaps by a slow line. */
const START_LIMIT = '15min';
/** Longer than the graces of all components, which are stopped one after the other. */
const STOP_LIMIT = '3min';
const WATCHDOG_SECONDS = 120;
/** From this version on, pauses before restarts can grow. */
const GROWING_PAUSES_SINCE = 254;

const MARK = '# Written by "ladepuls service", digest ';

/**
 * Makes the text of a unit. Its first line has the digest of the rest, by which {@link isAsWritten} tells whether somebody
 * changed it.
 *
 * @throws RangeError for a path that no unit can name
 */
export function unitFile(options: UnitOptions): string {
  const body = `${[...unitSection(options), ...serviceSection(options), ...installSection(options)].join('\n')}\n`;
  return `${MARK}${digestOf(body)}\n${body}`;
}

/** Whether a unit is as {@link unitFile} of some release wrote it: neither changed by hand nor another's. */
export function isAsWritten(text: string): boolean {
  const end = text.indexOf('\n') + 1;
  return text.slice(0, end) === `${MARK}${digestOf(text.slice(end))}\n`;
}

/** A value as a word of a unit file that is split at blanks: quoted, with `%` as itself. */
export function unitWord(value: string): string {
  return `"${unitPath(value).replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
}

/** The same for a setting that takes the rest of its line as it is. */
function unitPath(value: string): string {
  // eslint-disable-next-line no-control-regex -- that is what can't be written
  if (/[\u0000-\u001f\u007f]/.test(value))
    throw new RangeError(`${JSON.stringify(value)} has a control character, which no unit can name.`);
  return value.replaceAll('%', '%%');
}

/** The same for a word of a command line, in which `$` names a variable. */
const commandWord = (value: string) => unitWord(value).replaceAll('$', '$$$$');

function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}

function unitSection({ scope }: UnitOptions): string[] {
  // A user's systemd knows nothing of the network.
  const network =
    scope === 'system'
      ? ['Wants=network-online.target', 'After=network-online.target nss-lookup.target']
      : [];
  return [
    '[Unit]',
    'Description=Ladepuls: polls charging feeds and loads the warehouse',
    ...network,
    '# Restarts go on for ever, with pauses.',
    'StartLimitIntervalSec=0',
    '',
  ];
}

function serviceSection(options: UnitOptions): string[] {
  const { scope, node, cli, home, cache, environmentFile, systemdVersion } = options;
  const growing = systemdVersion !== null && systemdVersion >= GROWING_PAUSES_SINCE;
  return [
    '[Service]',
    'Type=notify',
    '# Messages are sent by the program systemd-notify, a child of the main process.',
    'NotifyAccess=all',
    `ExecStart=${commandWord(node)} ${commandWord(cli)} start`,
    `WorkingDirectory=-${unitPath(home)}`,
    `Environment=${unitWord(`LADEPULS_HOME=${home}`)} ${unitWord(`LADEPULS_CACHE=${cache}`)}`,
    `EnvironmentFile=-${unitPath(environmentFile)}`,
    '',
    'Restart=on-failure',
    'RestartSec=5',
    ...(growing ? ['RestartSteps=5', 'RestartMaxDelaySec=60'] : []),
    '# A setting is wrong: a restart does not mend it.',
    'RestartPreventExitStatus=78',
    '# Stopped while it was still starting.',
    'SuccessExitStatus=130 143',
    `TimeoutStartSec=${START_LIMIT}`,
    `TimeoutStopSec=${STOP_LIMIT}`,
    '# SIGTERM reaches the main process alone, which stops its components in order.',
    'KillMode=mixed',
    `WatchdogSec=${WATCHDOG_SECONDS}`,
    "# No core dump: feeds' tokens could be in it.",
    'WatchdogSignal=SIGKILL',
    '# A component that runs out of memory is restarted by the main process.',
    'OOMPolicy=continue',
    '',
    'StandardOutput=journal',
    'StandardError=journal',
    'SyslogIdentifier=ladepuls',
    '',
    ...(scope === 'system' ? systemHardening(options) : userHardening()),
    '',
  ];
}

/** What needs no privilege: a user's systemd has none. */
function userHardening(): string[] {
  return [
    'UMask=0027',
    'NoNewPrivileges=yes',
    'LockPersonality=yes',
    'RestrictRealtime=yes',
    'RestrictSUIDSGID=yes',
    'RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK',
    'SystemCallArchitectures=native',
    "# V8 compiles while it runs, and Postgres' JIT too.",
    'MemoryDenyWriteExecute=no',
  ];
}

/** The local Postgres of a home that root owns runs as the user `postgres`. */
const ROOT_CAPABILITIES = 'CAP_CHOWN CAP_DAC_OVERRIDE CAP_FOWNER CAP_KILL CAP_SETGID CAP_SETUID';

function systemHardening({ user, home, cache, node, cli, writable }: UnitOptions): string[] {
  const paths = [home, cache, ...writable];
  const needs = (folder: RegExp) => [...paths, node, cli].some((path) => folder.test(path));
  const isHomeNeeded = needs(/^\/(home|root|run\/user)(\/|$)/);
  // What stands in there would be hidden from the service, which then could not start.
  const isTmpNeeded = needs(/^\/(var\/)?tmp(\/|$)/);
  return [
    `User=${user}`,
    ...userHardening(),
    'ProtectSystem=strict',
    `ReadWritePaths=${paths.map(unitWord).join(' ')}`,
    `ProtectHome=${isHomeNeeded ? 'read-only' : 'yes'}`,
    `PrivateTmp=${isTmpNeeded ? 'no' : 'yes'}`,
    'PrivateDevices=yes',
    'ProtectClock=yes',
    'ProtectControlGroups=yes',
    'ProtectHostname=yes',
    'ProtectKernelLogs=yes',
    'ProtectKernelModules=yes',
    'ProtectKernelTunables=yes',
    'RestrictNamespaces=yes',
    'SystemCallFilter=@system-service',
    'SystemCallErrorNumber=EPERM',
    `CapabilityBoundingSet=${user === 'root' ? ROOT_CAPABILITIES : ''}`,
    'AmbientCapabilities=',
  ];
}

function installSection({ scope }: UnitOptions): string[] {
  return ['[Install]', `WantedBy=${scope === 'system' ? 'multi-user.target' : 'default.target'}`];
}
