import { itMeasuresStations } from './measures/stations.suite.js';
import { openInOneChunk } from './support/loads.js';

itMeasuresStations(openInOneChunk);
