import { itMeasuresStations } from './measures/stations.suite.js';
import { openBench } from './support/loads.js';

itMeasuresStations(openBench);
