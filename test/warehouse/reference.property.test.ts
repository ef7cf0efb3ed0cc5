import { itHoldsTheReference } from './reference/reference.suite.js';
import { emptyWarehouse } from './support/empty.js';
import { makeBench } from './support/loads.js';

const fleets = process.env.LADEPULS_TEST_LONG ? 10_000 : 200;

itHoldsTheReference({
  make: makeBench,
  empty: emptyWarehouse,
  fleets,
  sideBySide: fleets > 1_000 ? 100 : 25,
});
