import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { z } from 'zod';

const schema = z.array(
  z.object({
    name: z.string(),
    pattern: z.string().transform((text) => new RegExp(text, 's')),
    why: z.string(),
    source: z.url(),
    refused: z.string(),
  }),
);

export type Denied = z.output<typeof schema>[number];

/** Statements that Redshift refuses, from `sql/redshift/denied.yaml`. */
export const DENIED: readonly Denied[] = schema.parse(
  parse(readFileSync(new URL('../../../../sql/redshift/denied.yaml', import.meta.url), 'utf8')),
);

/** Entries that statements match, by {@link shapeOf}. Loads send the same statements again and again. */
const found = new Map<string, Denied[]>();

/** Return the entries of {@link DENIED} that a statement matches. */
export function findDenied(statement: string): Denied[] {
  const shape = shapeOf(bareStatement(statement));
  const denied = found.get(shape) ?? DENIED.filter(({ pattern }) => pattern.test(shape));
  found.set(shape, denied);
  return denied;
}

/** Return a bare statement with one name for the staging schemas, which differ between loads. */
function shapeOf(bare: string): string {
  return bare.replaceAll(/\bstaging_\w+(?=\.)/g, 'staging');
}

/** Return a statement in lower case, without comments and the content of strings, with one blank between words. */
export function bareStatement(statement: string): string {
  return statement
    .replaceAll(/'(?:[^']|'')*'|--[^\n]*|\/\*.*?\*\//gs, (part) => (part.startsWith(`'`) ? `''` : ' '))
    .replaceAll(/\s+/g, ' ')
    .replace(/[\s;]+$/, '')
    .trim()
    .toLowerCase();
}
