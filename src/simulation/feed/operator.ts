import type { City } from './cities.js';
import { NATIONAL_OPERATORS } from './phrases.js';
import { pick, pickWeighted, type Random } from './random.js';

export interface SimulatedOperator {
  /** The operator in the format of the API. The hotline may be absent or null. */
  content: { name: string; hotline?: string | null };
  /** The operator's code in EVSE-IDs. */
  evseOperator: string;
  /** Whether it is the feed's own operator, in any spelling. */
  main: boolean;
}

/** Choose the operator of one station: mostly the city's own, in one of its spellings, otherwise a national one. */
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
