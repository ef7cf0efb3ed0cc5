import { itHoldsTheReference } from './reference/reference.suite.js';
import { MANY } from './reference/many.js';
import { emptyWarehouse } from './support/empty.js';
import { makeBench } from './support/loads.js';

const few = { fleets: 200, sideBySide: 25 };

itHoldsTheReference({
  make: makeBench,
  empty: emptyWarehouse,
  ...(process.env.LADEPULS_TEST_LONG ? MANY : few),
});
