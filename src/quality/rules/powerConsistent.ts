import { examineEach, type QualityRule } from '../rule.js';

/**
 * Power in kW, computed from current and voltage. For three phases, feeds give the voltage between two phases: 32 A at
 * 400 V are 22 kW.
 */
const COMPUTED = `(cast(ampere as float) * voltage * case when power_type = 'AC_3_PHASE' then sqrt(3.0) else 1 end / 1000)`;

export const powerConsistent: QualityRule = {
  name: 'power_consistent',
  meaning: 'The power of a connector is half to one and a half times its current by its voltage.',
  subject: 'connector',
  severity: 'notice',
  threshold: 0.02,
  // 0.5 kW of tolerance, because feeds give whole kW.
  examine: examineEach('connector', {
    passes: `max_power + 0.5 >= 0.5 * ${COMPUTED} and max_power - 0.5 <= 1.5 * ${COMPUTED}`,
    value: `cast(max_power as varchar(32)) || ' kW, but ' || cast(ampere as varchar(32)) || ' A at ' || cast(voltage as varchar(32)) || ' V'`,
    where: 'max_power > 0 and ampere > 0 and voltage > 0',
  }),
};
