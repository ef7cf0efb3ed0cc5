import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { existingFolder } from '../context/existingFolder.js';
import { type Finding, problem } from './finding.js';
import { whyNotWritable } from './checks/home.js';

/**
 * Check the folder of a `file:` store.
 *
 * @param setting name of the setting that holds the store's address
 * @returns the problem; null when there is none, or the store is not a folder
 */
export async function judgeFolderOf(url: string, setting: string): Promise<Finding | null> {
  if (!url.startsWith('file:')) return null;
  const folder = resolve(url.slice('file:'.length));
  const found = await existingFolder(folder);
  if (!(await stat(found)).isDirectory())
    return problem(`${found} is no folder, so ${url} can't be used.`, `Set ${setting} to a folder.`);
  const refused = await whyNotWritable(found);
  if (refused === null) return null;
  return problem(
    `${url} can't be written to by this user (${refused}).`,
    `Run ladepuls as the user whom ${found} belongs to, or set ${setting} to a folder that this user may write to.`,
  );
}
