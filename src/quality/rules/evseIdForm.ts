import { examineEach, type QualityRule } from '../rule.js';

/**
 * Regular expression for an EVSE-ID in upper case: two letters for the country, three characters for the operator, the
 * letter E, and an id of 1 to 31 characters that the operator gives the charging point. A `*` between these is optional.
 * Source: DIN SPEC 91286, which OCPI's `evse_id` follows. In that standard, case has no meaning.
 */
const FORM = String.raw`^[A-Z]{2}[*]?[A-Z0-9]{3}[*]?E[A-Z0-9][A-Z0-9*]{0,30}$`;

export const evseIdForm: QualityRule = {
  name: 'evse_id_form',
  meaning: 'An EVSE-ID has the form of DIN SPEC 91286: DE*ABC*E123.',
  subject: 'charging_point',
  severity: 'notice',
  threshold: 0.01,
  examine: examineEach('charging_point', {
    passes: `upper(evse_id) ~ '${FORM}'`,
    value: `coalesce(evse_id, 'none')`,
  }),
};
