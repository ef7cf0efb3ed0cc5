import { itAddsDuringTheDay } from './reference/recent.suite.js';
import { emptyWarehouse } from './support/empty.js';
import { makeBench } from './support/loads.js';

itAddsDuringTheDay({
  make: makeBench,
  empty: emptyWarehouse,
  hasQuality: true,
  runs: { few: 2, all: 40 },
});
