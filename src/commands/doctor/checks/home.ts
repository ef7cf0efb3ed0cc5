import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { errorCode } from '../../../stores/errorCode.js';
import { existingFolder } from '../../context/existingFolder.js';
import type { Check } from '../check.js';
import { type Finding, ok, problem, warning } from '../finding.js';

/** Check that the home directory exists or can be created, who owns it, and that this user may write to it. */
export const home: Check = {
  name: 'home',
  needs: 'settings',
  async look({
    config: {
      general: { home: folder },
    },
  }) {
    const found = await existingFolder(folder);
    const { uid, isDirectory } = await stat(found).then((stats) => ({
      uid: stats.uid,
      isDirectory: stats.isDirectory(),
    }));
    if (!isDirectory)
      return [
        problem(
          `${found} is no folder, so the home ${folder} can't be used.`,
          'Set LADEPULS_HOME to a folder.',
        ),
      ];
    const refused = await whyNotWritable(found);
    if (refused !== null) return [notWritable(folder, found, refused)];
    if (found !== folder) return [ok(`${folder} is not there yet, and can be made.`)];
    return [ofOwner(folder, uid)];
  },
};

/** Return the system's error code when this user can't write to a folder; null when this user can. */
export async function whyNotWritable(folder: string): Promise<string | null> {
  try {
    await access(folder, constants.W_OK | constants.X_OK);
    return null;
  } catch (error) {
    return errorCode(error) ?? 'unknown reason';
  }
}

function notWritable(folder: string, found: string, code: string): Finding {
  const what =
    found === folder
      ? `The home ${folder} can't be written to`
      : `The home ${folder} can't be made in ${found}`;
  const advice =
    code === 'EROFS'
      ? 'The file system is read-only. Find the reason with "dmesg", or set LADEPULS_HOME to a folder on another file system.'
      : 'Run ladepuls as the owner of the folder, or set LADEPULS_HOME to a folder that this user may write to.';
  return problem(`${what} by this user (${code}).`, advice);
}

function ofOwner(folder: string, uid: number): Finding {
  const self = process.getuid?.();
  if (self === undefined || self === uid) return ok(`${folder} can be written to.`);
  return warning(
    `${folder} belongs to user ${uid}, but this command runs as user ${self}. User ${uid} may be unable to read new files.`,
    `Run ladepuls as user ${uid}: "sudo --user='#${uid}' ladepuls …".`,
  );
}
