import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, chown, mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { execPath } from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { compiledFile } from '../../runtime/paths.js';
import { cacheFolder } from '../../local/cache.js';
import { readOwner } from '../../local/homeLock.js';
import { SHARED_DATA } from '../../local/postgresLocation.js';
import { commandRunner } from '../../local/runCommand.js';
import { type Scope, systemctl, systemdVersion, whyNoSystemd } from '../../local/systemd.js';
import { ensureSystemUser, type SystemUser } from '../../local/systemUser.js';
import { unitOf } from '../../local/systemdUnit.js';
import { isAsWritten, unitFile, type UnitOptions } from '../../local/unitFile.js';
import { CommandFailed, type Context } from '../context/context.js';
import { settingsFile } from './settings.js';

export interface UnitCommandOptions {
  user?: boolean;
  system?: boolean;
  name: string;
  runAs?: string;
  force?: boolean;
  json?: boolean;
}

const LOOK_EVERY_MS = 500;
const PROGRESS_EVERY_MS = 10_000;
/** Home of a system unit when LADEPULS_HOME is not set. It is beside the clusters of homes that root runs. */
const SYSTEM_HOME = '/var/lib/ladepuls/home';
const SYSTEM_CACHE = '/var/cache/ladepuls';
const SYSTEM_USER = 'ladepuls';
const DOCS = 'docs/service.md says what to do without systemd.';

/** A systemd unit, and where its file belongs. */
interface Unit {
  options: UnitOptions;
  /** File name, such as `ladepuls.service`. */
  name: string;
  path: string;
  scope: Scope;
}

/** Print the unit that `install` would write (`ladepuls service print`). */
export async function printUnit(context: Context, options: UnitCommandOptions): Promise<void> {
  const unit = await planUnit(context, options);
  const text = unitFile(unit.options);
  process.stdout.write(options.json ? asJson(unit, { text }) : text);
}

/**
 * Install a unit: write it, make systemd start it now and at every boot, and wait until it is up
 * (`ladepuls service install`).
 */
export async function installUnit(context: Context, options: UnitCommandOptions): Promise<void> {
  const unit = await planUnit(context, options);
  const text = unitFile(unit.options);
  await requireSystemd(unit);
  await requireOwnUnit(unit, options);
  await requireFreeHome(unit);
  const say = sayer(context, options);
  const user = unit.scope === 'system' ? await userOf(unit.options.user, context.signal) : null;
  const { home, cache, environmentFile, writable } = unit.options;
  // Create the user postgres now, because the service itself may not create users.
  if (unit.scope === 'system' && unit.options.user === 'root') await userOf('postgres', context.signal);
  for (const folder of [home, cache, ...writable]) await makeFolder(folder, user);
  if (user !== null) await requireReadable(unit.options, user);
  await mkdir(dirname(environmentFile), { recursive: true });
  if (existsSync(environmentFile)) say(`The settings in ${environmentFile} were not changed.`);
  else {
    await writeWhole(environmentFile, settingsFile(context.env), user === null ? 0o600 : 0o640, user);
    say(`Wrote the settings of this shell to ${environmentFile}.`);
  }
  await mkdir(dirname(unit.path), { recursive: true });
  await writeWhole(unit.path, text, 0o644, null);
  say(
    `Wrote ${unit.path}, for the home ${home}${user === null ? '' : `, run by user ${unit.options.user}`}.`,
  );
  await runSystemctl(unit, ['daemon-reload']);
  await runSystemctl(unit, ['enable', unit.name]);
  await runSystemctl(unit, ['restart', '--no-block', unit.name]);
  await waitUntilUp(context, unit);
  say(
    `${unit.name} runs, and starts with the machine. See it with "${systemctlOf(unit)} status ${unit.name}".`,
  );
  if (unit.scope === 'user')
    say(
      'Run "loginctl enable-linger" once. Otherwise Ladepuls ends when you log out, and starts when you log in.',
    );
  if (options.json) process.stdout.write(asJson(unit, { installed: true }));
}

/** Stop a unit and remove its file (`ladepuls service uninstall`). Data and settings stay. */
export async function uninstallUnit(context: Context, options: UnitCommandOptions): Promise<void> {
  const unit = await planUnit(context, options);
  await requireSystemd(unit);
  const say = sayer(context, options);
  if (!existsSync(unit.path)) {
    say(`There is no unit ${unit.path}.`);
    if (options.json) process.stdout.write(asJson(unit, { uninstalled: false }));
    return;
  }
  await requireOwnUnit(unit, options);
  const home = homeIn(await readFile(unit.path, 'utf8'));
  context.progress(`Stopping ${unit.name} …`);
  await runSystemctl(unit, ['disable', unit.name]);
  await runSystemctl(unit, ['stop', '--no-block', unit.name]);
  await waitUntilDown(context, unit);
  await rm(unit.path);
  await runSystemctl(unit, ['daemon-reload']);
  say(`${unit.name} was stopped, and ${unit.path} removed.`);
  say(
    `The data${home === null ? '' : ` in ${home}`} and the settings in ${unit.options.environmentFile} were not removed.`,
  );
  if (options.json) process.stdout.write(asJson(unit, { uninstalled: true }));
}

/** Return a function that prints progress: to standard output, or to standard error when the output is JSON. */
function sayer({ progress }: Context, { json }: UnitCommandOptions): (line: string) => void {
  return json ? progress : (line) => process.stdout.write(`${line}\n`);
}

function asJson({ name, path, scope, options }: Unit, result: Record<string, unknown>): string {
  const { home, environmentFile, user } = options;
  const runAs = scope === 'system' ? user : null;
  return `${JSON.stringify({ unit: name, path, scope, home, settings: environmentFile, runAs, ...result })}\n`;
}

async function planUnit({ config, env }: Context, options: UnitCommandOptions): Promise<Unit> {
  const scope = scopeOf(options);
  if (!/^ladepuls[\w.-]*$/.test(options.name)) {
    throw new CommandFailed(
      `--name is "${options.name}", but it must begin with "ladepuls", such as ladepuls-test.`,
    );
  }
  const isNamed = env.LADEPULS_HOME !== undefined && env.LADEPULS_HOME !== '';
  const home = scope === 'system' && !isNamed ? SYSTEM_HOME : config.general.home;
  const isCacheNamed = config.local.cache !== undefined;
  const cache =
    scope === 'system' && !isCacheNamed ? SYSTEM_CACHE : resolve(cacheFolder(config.local.cache, env));
  const settings = scope === 'system' ? '/etc/ladepuls' : join(userConfig(env), 'ladepuls');
  const units = scope === 'system' ? '/etc/systemd/system' : join(userConfig(env), 'systemd/user');
  const stores = [env.RAW_STORE, env.FLAT_STORE].flatMap((url) =>
    url?.startsWith('file:') ? [resolve(url.slice('file:'.length))] : [],
  );
  const name = `${options.name}.service`;
  const user = options.runAs ?? (await ownerName(home)) ?? SYSTEM_USER;
  return {
    scope,
    name,
    path: join(units, name),
    options: {
      scope,
      node: execPath,
      cli: compiledFile('cli.js'),
      home,
      cache,
      environmentFile: join(settings, `${options.name}.env`),
      user,
      writable: [...stores, ...(user === 'root' && scope === 'system' ? [SHARED_DATA] : [])],
      systemdVersion: await systemdVersion(),
    },
  };
}

function scopeOf({ user, system }: UnitCommandOptions): Scope {
  if (user && system) throw new CommandFailed('--user and --system are both given. Give only one of them.');
  if (user || system) return user ? 'user' : 'system';
  return process.getuid?.() === 0 ? 'system' : 'user';
}

function userConfig(env: NodeJS.ProcessEnv): string {
  return env.XDG_CONFIG_HOME ?? join(homedir(), '.config');
}

/** Return the user who owns the home directory, so that an existing one keeps its user; null when there is none. */
async function ownerName(home: string): Promise<string | null> {
  const found = await stat(home).catch(() => null);
  if (found === null) return null;
  try {
    const { stdout } = await promisify(execFile)('id', ['-un', String(found.uid)]);
    return stdout.trim();
  } catch {
    return null; // the user id has no name
  }
}

async function requireSystemd({ scope }: Unit): Promise<void> {
  const reason = await whyNoSystemd(scope);
  if (reason !== null) {
    throw new CommandFailed(`${reason}. "ladepuls service print" shows the unit. ${DOCS}`);
  }
  if (scope === 'system' && process.getuid?.() !== 0) {
    throw new CommandFailed(
      'Only root can install a system unit. Run this command with sudo, or with --user.',
    );
  }
}

/**
 * Refuse to replace or remove a unit that a person wrote or changed.
 *
 * @throws CommandFailed when the unit is not as Ladepuls wrote it, and `--force` is not given
 */
async function requireOwnUnit({ path, name, scope }: Unit, { force }: UnitCommandOptions): Promise<void> {
  if (force || !existsSync(path) || isAsWritten(await readFile(path, 'utf8'))) return;
  const edit = `${scope === 'user' ? 'systemctl --user' : 'systemctl'} edit ${name}`;
  throw new CommandFailed(
    `Somebody changed ${path}, or Ladepuls did not write it. To replace or remove it nevertheless, add --force. ` +
      `Files of "${edit}" are never changed.`,
  );
}

async function requireFreeHome(unit: Unit): Promise<void> {
  const { home } = unit.options;
  const owner = readOwner(home);
  if (!owner) return;
  if ((await unitOf(owner.pid))?.name === unit.name) return; // this unit runs on the home and is restarted
  throw new CommandFailed(
    `Process ${owner.pid} runs ${home}. Stop it first with "LADEPULS_HOME=${home} ladepuls stop".`,
  );
}

async function userOf(name: string, signal: AbortSignal): Promise<SystemUser> {
  const user = await ensureSystemUser(name, commandRunner(signal));
  if (user) return user;
  throw new CommandFailed(
    `The user ${name} could not be created. Run "useradd --system ${name}", then this command again.`,
  );
}

async function makeFolder(folder: string, user: SystemUser | null): Promise<void> {
  if (existsSync(folder)) return;
  await mkdir(dirname(folder), { recursive: true });
  await mkdir(folder, { mode: 0o750 });
  if (user) await chown(folder, user.uid, user.gid);
}

/**
 * Check that the unit's user can run Node and Ladepuls. A system user often can't read files in a person's folder.
 *
 * @throws CommandFailed when the user can't run them
 */
async function requireReadable({ node, cli, user }: UnitOptions, { uid, gid }: SystemUser): Promise<void> {
  try {
    await promisify(execFile)(node, [cli, '--version'], { uid, gid, env: {}, cwd: '/' });
  } catch (error) {
    throw new CommandFailed(
      `User ${user} can't run ${cli} with ${node}. Install Node and Ladepuls in a folder that all users may read, such as /opt/ladepuls.`,
      { cause: error },
    );
  }
}

async function writeWhole(path: string, text: string, mode: number, user: SystemUser | null): Promise<void> {
  const temporary = `${path}.${process.pid}`;
  await writeFile(temporary, text, { mode });
  await chmod(temporary, mode);
  // Root owns the file, so that the service can read but not change it.
  if (user) await chown(temporary, 0, user.gid);
  await rename(temporary, path);
}

const systemctlOf = ({ scope }: Unit) => (scope === 'user' ? 'systemctl --user' : 'systemctl');

async function runSystemctl(unit: Unit, args: readonly string[]): Promise<void> {
  const { ok, output } = await systemctl(unit.scope, args);
  if (!ok) throw new CommandFailed(`"${systemctlOf(unit)} ${args.join(' ')}" failed: ${output}`);
}

interface UnitState {
  ActiveState: string;
  Result: string;
  StatusText: string;
  NRestarts: string;
}

async function stateOf(unit: Unit): Promise<UnitState> {
  const args = ['show', '--property=ActiveState,Result,StatusText,NRestarts', unit.name];
  const { output } = await systemctl(unit.scope, args);
  const found = Object.fromEntries(
    output.split('\n').map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
  );
  return { ActiveState: '', Result: '', StatusText: '', NRestarts: '0', ...found };
}

/**
 * Wait until the unit is active. The first start takes minutes when programs are downloaded.
 * Ctrl-C ends the command, but not the unit.
 *
 * @throws CommandFailed when the unit did not start
 */
async function waitUntilUp({ signal, progress }: Context, unit: Unit): Promise<void> {
  for (let waitedMs = 0; ; waitedMs += LOOK_EVERY_MS) {
    const { ActiveState, Result, StatusText, NRestarts } = await stateOf(unit);
    if (ActiveState === 'active') return;
    if (ActiveState === 'failed' || NRestarts !== '0') {
      const log = unit.scope === 'user' ? 'journalctl --user' : 'journalctl';
      throw new CommandFailed(
        `${unit.name} did not start (${Result}). See why with "${log} --unit ${unit.name} --lines 50".`,
      );
    }
    if (waitedMs > 0 && waitedMs % PROGRESS_EVERY_MS === 0)
      progress(`${unit.name} is starting${StatusText === '' ? '' : `: ${StatusText}`} …`);
    await sleep(LOOK_EVERY_MS, undefined, { signal });
  }
}

async function waitUntilDown({ signal, progress }: Context, unit: Unit): Promise<void> {
  for (let waitedMs = 0; ; waitedMs += LOOK_EVERY_MS) {
    const { ActiveState, StatusText } = await stateOf(unit);
    if (ActiveState === 'inactive' || ActiveState === 'failed' || ActiveState === '') return;
    if (waitedMs > 0 && waitedMs % PROGRESS_EVERY_MS === 0)
      progress(`${unit.name} is stopping${StatusText === '' ? '' : `: ${StatusText}`} …`);
    await sleep(LOOK_EVERY_MS, undefined, { signal });
  }
}

/** Read the home's path from the text of an installed unit. */
function homeIn(unit: string): string | null {
  const [, home] = /"LADEPULS_HOME=((?:[^"\\]|\\.)*)"/.exec(unit) ?? [];
  return home?.replaceAll(/\\(.)/g, '$1').replaceAll('%%', '%') ?? null;
}
