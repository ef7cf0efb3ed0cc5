import { itMeasuresEvents } from './measures/events.suite.js';
import { openBench } from './support/loads.js';

itMeasuresEvents(openBench);
