import { itHoldsTheReference } from './reference/reference.suite.js';
import { MANY } from './reference/many.js';
import { isLong } from '../support/sample.js';
import { emptyWarehouse } from './support/empty.js';
import { makeBench } from './support/loads.js';

itHoldsTheReference({
  make: makeBench,
  empty: emptyWarehouse,
  ...(isLong ? MANY : { fleets: { few: 75, all: 200 }, sideBySide: 25 }),
});
