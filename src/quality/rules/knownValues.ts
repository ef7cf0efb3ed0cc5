import { CONNECTOR_FORMATS, CONNECTOR_STANDARDS, POWER_TYPES } from '../../domain/ocpi.js';
import { examineEach, type QualityRule } from '../rule.js';

const KNOWN = { standard: CONNECTOR_STANDARDS, format: CONNECTOR_FORMATS, power_type: POWER_TYPES };

const isKnown = Object.entries(KNOWN).map(
  ([column, values]) => `${column} in (${values.map((value) => `'${value}'`).join(', ')})`,
);

export const knownValues: QualityRule = {
  name: 'known_values',
  meaning: "A connector's standard, format and power type are some that OCPI 2.2.1 knows.",
  subject: 'connector',
  severity: 'warning',
  threshold: 0.01,
  examine: examineEach('connector', {
    passes: isKnown.join(' and '),
    value: `coalesce(standard, 'none') || ', ' || coalesce(format, 'none') || ', ' || coalesce(power_type, 'none')`,
  }),
};
