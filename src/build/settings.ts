import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { packageUrl } from '../runtime/paths.js';
import { SETTINGS_PAGES, withSettings } from './settingsPages.js';

/** Write the settings into the pages that list them. A test fails if a page differs. */
for (const path of Object.keys(SETTINGS_PAGES)) {
  const file = fileURLToPath(packageUrl(path));
  await writeFile(file, withSettings(path, await readFile(file, 'utf8')));
}
