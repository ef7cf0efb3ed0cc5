import { itMeasuresEvents } from './measures/events.suite.js';
import { openInOneChunk } from './support/loads.js';

itMeasuresEvents(openInOneChunk);
