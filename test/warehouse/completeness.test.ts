import { itJudgesPolls } from './completeness.suite.js';
import { openBench } from './support/loads.js';

itJudgesPolls(openBench);
