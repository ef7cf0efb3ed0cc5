import { MANY } from './reference/many.js';
import { itHoldsTheReference } from './reference/reference.suite.js';
import { emptyWarehouse } from './support/empty.js';
import { makeBench } from './support/loads.js';

itHoldsTheReference({ make: makeBench, empty: emptyWarehouse, ...MANY });
