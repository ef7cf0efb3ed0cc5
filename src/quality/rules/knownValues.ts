import { examineEach, type QualityRule } from '../rule.js';

/** Source: OCPI 2.2.1, module Locations: ConnectorType, ConnectorFormat, PowerType. */
const KNOWN = {
  standard: [
    ...[
      'CHADEMO',
      'CHAOJI',
      'GBT_AC',
      'GBT_DC',
      'NEMA_5_20',
      'NEMA_6_30',
      'NEMA_6_50',
      'NEMA_10_30',
      'NEMA_10_50',
    ],
    ...['NEMA_14_30', 'NEMA_14_50', 'PANTOGRAPH_BOTTOM_UP', 'PANTOGRAPH_TOP_DOWN', 'TESLA_R', 'TESLA_S'],
    ...['A', 'B', 'C', 'D', 'E', 'F', 'G', 'H', 'I', 'J', 'K', 'L', 'M', 'N', 'O'].map(
      (type) => `DOMESTIC_${type}`,
    ),
    ...['IEC_60309_2_single_16', 'IEC_60309_2_three_16', 'IEC_60309_2_three_32', 'IEC_60309_2_three_64'],
    ...[
      'IEC_62196_T1',
      'IEC_62196_T1_COMBO',
      'IEC_62196_T2',
      'IEC_62196_T2_COMBO',
      'IEC_62196_T3A',
      'IEC_62196_T3C',
    ],
  ],
  format: ['SOCKET', 'CABLE'],
  power_type: ['AC_1_PHASE', 'AC_2_PHASE', 'AC_2_PHASE_SPLIT', 'AC_3_PHASE', 'DC'],
};

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
