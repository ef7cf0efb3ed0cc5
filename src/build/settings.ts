import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { packageUrl } from '../runtime/paths.js';
import { SETTINGS_PAGES, withSettings } from './settingsPages.js';

/** Writes the settings into the pages that have them. A test fails where a page says something else. */
for (const path of Object.keys(SETTINGS_PAGES)) {
  const file = fileURLToPath(packageUrl(path));
  await writeFile(file, withSettings(path, await readFile(file, 'utf8')));
}
