import { openInOneChunk } from '../warehouse/support/loads.js';
import { itHoldsRules } from './rules.suite.js';

itHoldsRules(openInOneChunk);
