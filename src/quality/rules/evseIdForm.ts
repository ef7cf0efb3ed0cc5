import { examineEach, type QualityRule } from '../rule.js';

/**
 * Form of an EVSE-ID: country, operator, "E", and a number of the operator. The separators are optional.
 * Source: DIN SPEC 91286, which OCPI's `evse_id` follows. It does not distinguish lower and upper case.
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
