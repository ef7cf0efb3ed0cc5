import { inject } from 'vitest';
import type { ComponentName } from './sharedComponents.js';

/**
 * Asks for a component that all test files of a run share, and starts it where this is the first to ask. Returns
 * Temporal's `host:port`, the connection string of Postgres' owner (which has the template for Redshift if that was
 * asked for), a home with a Postgres cluster that nothing runs on, or the path of the workflow bundle.
 */
export async function sharedComponent(name: ComponentName): Promise<string> {
  const url = inject('sharedComponentsUrl') as string | undefined;
  if (url === undefined)
    throw new Error(
      `The test file is of the project "unit", which has no ${name}: test/support/testFiles.ts must see what asks for it`,
    );
  const answer = await fetch(url + name);
  const text = await answer.text();
  if (!answer.ok) throw new Error(`The shared component ${name} did not start: ${text}`);
  return text;
}
