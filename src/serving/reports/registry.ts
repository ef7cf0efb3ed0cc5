import type { Definition } from './definition.js';
import { changes } from './definitions/changes.js';
import { events } from './definitions/events.js';
import { quality } from './definitions/quality.js';
import { uptime } from './definitions/uptime.js';
import { utilization } from './definitions/utilization.js';
import type { ReportName } from './names.js';

/** Definitions of all reports, by name. */
export const DEFINITIONS: Record<ReportName, Definition> = { utilization, uptime, events, quality, changes };
