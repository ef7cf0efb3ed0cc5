import type { QualityRule } from './rule.js';
import { answersFresh } from './rules/answersFresh.js';
import { answersReadable } from './rules/answersReadable.js';
import { charsetDeclared } from './rules/charsetDeclared.js';
import { connectorAgrees } from './rules/connectorAgrees.js';
import { currentPlausible } from './rules/currentPlausible.js';
import { evseIdForm } from './rules/evseIdForm.js';
import { evseIdUnique } from './rules/evseIdUnique.js';
import { feedMoves } from './rules/feedMoves.js';
import { fieldsReadable } from './rules/fieldsReadable.js';
import { inGermany } from './rules/inGermany.js';
import { knownValues } from './rules/knownValues.js';
import { pointSteady } from './rules/pointSteady.js';
import { pollIdsReadable } from './rules/pollIdsReadable.js';
import { pollNotEmpty } from './rules/pollNotEmpty.js';
import { pollNotShrunk } from './rules/pollNotShrunk.js';
import { pointHasConnectors } from './rules/pointHasConnectors.js';
import { postalCode } from './rules/postalCode.js';
import { powerConsistent } from './rules/powerConsistent.js';
import { powerPlausible } from './rules/powerPlausible.js';
import { recordsKept } from './rules/recordsKept.js';
import { slotsStored } from './rules/slotsStored.js';
import { stationComplete } from './rules/stationComplete.js';
import { stationHasPoints } from './rules/stationHasPoints.js';
import { stationMix } from './rules/stationMix.js';
import { stationSteady } from './rules/stationSteady.js';
import { statusKnown } from './rules/statusKnown.js';
import { timestampPlausible } from './rules/timestampPlausible.js';

/** All rules, in the order of display: first answers, then statuses, then master data. */
export const QUALITY_RULES: readonly QualityRule[] = [
  answersReadable,
  recordsKept,
  slotsStored,
  pollNotEmpty,
  pollNotShrunk,
  pollIdsReadable,
  timestampPlausible,
  answersFresh,
  charsetDeclared,
  feedMoves,
  statusKnown,
  connectorAgrees,
  stationMix,
  fieldsReadable,
  stationComplete,
  stationSteady,
  pointSteady,
  stationHasPoints,
  pointHasConnectors,
  evseIdForm,
  evseIdUnique,
  postalCode,
  inGermany,
  knownValues,
  powerPlausible,
  currentPlausible,
  powerConsistent,
];
