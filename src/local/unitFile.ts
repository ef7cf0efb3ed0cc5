import { createHash } from 'node:crypto';
import type { Scope } from './systemd.js';

/** What the systemd unit of an installation depends on. Paths are absolute. */
export interface UnitOptions {
  /** `user`: a unit of the user's own systemd. `system`: a unit of the machine's systemd. */
  scope: Scope;
  /** Path of Node's executable. `cli` is the file that Node runs. */
  node: string;
  cli: string;
  home: string;
  cache: string;
  /** File of settings, one `NAME=value` on each line. The file may be absent. */
  environmentFile: string;
  /** User that runs a system unit. */
  user: string;
  /** Folders outside the home that the service writes to, such as a raw store's. */
  writable: readonly string[];
  /** systemd's version; null if unknown. */
  systemdVersion: number | null;
}

/** Long, because the first start fetches Temporal's server, perhaps over a slow line. */
const START_LIMIT = '15min';
/** Longer than the time that all components get to stop, because they are stopped one after the other. */
const STOP_LIMIT = '3min';
const WATCHDOG_SECONDS = 120;
/** The systemd version from which the pauses before restarts can grow. */
const GROWING_PAUSES_SINCE = 254;

const MARK = '# Written by "ladepuls service", digest ';

/**
 * Create the text of a unit. Its first line has the digest of the remaining lines, from which {@link isAsWritten} tells
 * whether the file was edited.
 *
 * @throws RangeError when a path contains a control character, which a unit file can't express
 */
export function unitFile(options: UnitOptions): string {
  const body = `${[...unitSection(options), ...serviceSection(options), ...installSection(options)].join('\n')}\n`;
  return `${MARK}${digestOf(body)}\n${body}`;
}

/** Whether a release of {@link unitFile} wrote this unit, and it was not edited since. */
export function isAsWritten(text: string): boolean {
  const end = text.indexOf('\n') + 1;
  return text.slice(0, end) === `${MARK}${digestOf(text.slice(end))}\n`;
}

/** Quote a value as one word of a unit file. `%` is escaped. */
export function unitWord(value: string): string {
  return `"${unitPath(value).replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
}

/** Escape a value for a setting that takes the rest of its line. */
function unitPath(value: string): string {
  // eslint-disable-next-line no-control-regex -- that is what can't be written
  if (/[\u0000-\u001f\u007f]/.test(value))
    throw new RangeError(
      `${JSON.stringify(value)} contains a control character, which a systemd unit can't express. Choose another path.`,
    );
  return value.replaceAll('%', '%%');
}

/** Quote a value as one word of a command line, in which `$` is escaped too. */
const commandWord = (value: string) => unitWord(value).replaceAll('$', '$$$$');

function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}

function unitSection({ scope }: UnitOptions): string[] {
  // A user's systemd has no target for the network.
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

/** The hardening that needs no privileges, because a user's systemd has none. */
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

/**
 * Capabilities of a service that runs as root, because the local Postgres of such a home runs as the user `postgres`.
 */
const ROOT_CAPABILITIES = 'CAP_CHOWN CAP_DAC_OVERRIDE CAP_FOWNER CAP_KILL CAP_SETGID CAP_SETUID';

function systemHardening({ user, home, cache, node, cli, writable }: UnitOptions): string[] {
  const paths = [home, cache, ...writable];
  const needs = (folder: RegExp) => [...paths, node, cli].some((path) => folder.test(path));
  const isHomeNeeded = needs(/^\/(home|root|run\/user)(\/|$)/);
  // `PrivateTmp` would hide the files in /tmp from the service, which then could not start.
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
