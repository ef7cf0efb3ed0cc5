import { inject } from 'vitest';
import type { PartName } from './sharedParts.js';

/**
 * Asks for a part that all test files of a run share, and starts it where this is the first to ask. Returns
 * Temporal's `host:port`, the connection string of Postgres' owner, or the path of the workflow bundle.
 */
export async function sharedPart(name: PartName): Promise<string> {
  const answer = await fetch(inject('sharedPartsUrl') + name);
  const text = await answer.text();
  if (!answer.ok) throw new Error(`The shared part ${name} did not start: ${text}`);
  return text;
}
