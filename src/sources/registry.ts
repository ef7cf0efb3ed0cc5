import { chargecloud } from './chargecloud/source.js';
import { ocpi } from './ocpi/source.js';
import type { Source } from './source.js';

/** All sources. A new source needs a folder and a line here. */
const SOURCES: readonly Source[] = [chargecloud, ocpi];

/** Names of all sources, in the order of help and messages. */
export const SOURCE_NAMES: readonly string[] = SOURCES.map(({ name }) => name);

/** A feed or a stored answer names a source that this version does not have. */
export class UnknownSource extends Error {
  override name = 'UnknownSource';
}

/**
 * Return the source of that name.
 *
 * @throws UnknownSource when there is none; the message lists the known names
 */
export function sourceByName(name: string): Source {
  const source = SOURCES.find((candidate) => candidate.name === name);
  if (source) return source;
  throw new UnknownSource(`there is no source "${name}"; the sources are ${SOURCE_NAMES.join(', ')}`);
}
