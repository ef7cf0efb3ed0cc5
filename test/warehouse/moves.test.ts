import { itIgnoresSmallMoves } from './moves.suite.js';
import { openBench } from './support/loads.js';

itIgnoresSmallMoves(openBench);
