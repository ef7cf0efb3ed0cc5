import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openLocation } from '../../../src/local/postgresLocation.js';
import { postgresUser } from '../../../src/local/postgresUser.js';
import { commandRunner } from '../../../src/local/runCommand.js';
import { sharedComponent } from '../../support/sharedComponent.js';

interface LocationFile {
  cluster: string;
}

/**
 * Give a new home the Postgres cluster that its first start would create: a copy of one that was created once a run.
 * `initdb` takes seconds of a processor's time. For tests of what comes after it.
 */
export async function giveCluster(home: string): Promise<void> {
  const user = await postgresUser(commandRunner());
  const made = await sharedComponent('cluster');
  const [from, to] = [await openLocation(made, user, fail), await openLocation(home, user, fail)];
  execFileSync('cp', ['-Rp', from.dataDir, to.dataDir]);
  const passwords = readLocation(made);
  writeFileSync(
    join(home, 'postgres.json'),
    JSON.stringify({ ...passwords, cluster: readLocation(home).cluster }),
  );
}

function readLocation(home: string): LocationFile {
  return JSON.parse(readFileSync(join(home, 'postgres.json'), 'utf8')) as LocationFile;
}

function fail(line: string): never {
  throw new Error(line);
}
