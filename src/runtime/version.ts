import { readFileSync } from 'node:fs';
import { packageUrl } from './paths.js';

const manifest = JSON.parse(readFileSync(packageUrl('package.json'), 'utf8')) as {
  version: string;
};

export const VERSION = manifest.version;

/** Return the User-Agent for requests to feeds. It has a contact, so that operators of feeds can ask or complain. */
export function userAgent(contact: string | undefined): string {
  return `Ladepuls/${VERSION} (charging station history; ${contact ?? 'no contact given'})`;
}
