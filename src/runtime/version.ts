import { readFileSync } from 'node:fs';
import { packageUrl } from './paths.js';

const manifest = JSON.parse(readFileSync(packageUrl('package.json'), 'utf8')) as {
  version: string;
};

export const VERSION = manifest.version;

/** How Ladepuls introduces itself to feeds: with a contact, so that their operators can ask or complain. */
export function userAgent(contact: string | undefined): string {
  return `Ladepuls/${VERSION} (charging station history; ${contact ?? 'no contact given'})`;
}
