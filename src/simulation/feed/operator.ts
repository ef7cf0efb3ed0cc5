import type { City } from './cities.js';
import { NATIONAL_OPERATORS } from './phrases.js';
import { pick, pickWeighted, type Random } from './random.js';

export interface SimulatedOperator {
  /** As the API has it: the hotline may be missing or null. */
  content: { name: string; hotline?: string | null };
  /** Its part of the EVSE-IDs. */
  evseOperator: string;
  /** The feed's own operator, in whatever spelling. */
  main: boolean;
}

/** The operator of one station: mostly the city's own, under one of its spellings, or one that is found everywhere. */
export function operatorOf(random: Random, city: City): SimulatedOperator {
  const main = random() < 0.85;
  const national = pick(random, NATIONAL_OPERATORS);
  const own = `Stadtwerke ${city.city}`;
  const name = main
    ? pickWeighted(random, [
        [0.7, `${own} GmbH`],
        [0.2, own],
        [0.07, `${own}  GmbH`],
        [0.03, ` ${own} GmbH`],
      ])
    : pick(random, national.spellings);
  return {
    content: withHotline(random, name),
    evseOperator: main ? city.evseOperator : national.evseOperator,
    main,
  };
}

function withHotline(random: Random, name: string): SimulatedOperator['content'] {
  const lot = random();
  if (lot < 0.02) return { name };
  return { name, hotline: lot < 0.05 ? null : '+498000000000' };
}
