import { examineEach, type QualityRule } from '../rule.js';

/**
 * Country, operator, "E" and the operator's own number; the separators may be left out.
 * Source: DIN SPEC 91286, which OCPI's `evse_id` follows; lower case is equal to upper case in it.
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
