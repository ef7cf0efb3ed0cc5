import { readFileSync } from 'node:fs';

const manifest = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
  version: string;
};

export const VERSION = manifest.version;

/** How Ladepuls introduces itself to feeds: with a contact, so that their operators can ask or complain. */
export function userAgent(contact: string | undefined): string {
  return `Ladepuls/${VERSION} (charging station history; ${contact ?? 'no contact given'})`;
}
