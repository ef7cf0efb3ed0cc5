import type { StatusLevel } from '../../domain/statusFindings.js';

/** Word for each level, as monitoring plugins print it. */
export const LABELS: Record<StatusLevel, string> = {
  ok: 'OK',
  warning: 'WARNING',
  critical: 'CRITICAL',
  unknown: 'UNKNOWN',
};

/** Maximum number of characters of a line, because pagers show it and some monitoring agents cut lines at 1 kB. */
const LONGEST_TEXT = 800;

/** Format one line of a monitoring plugin from any text. */
export function briefLine(level: StatusLevel, text: string, data = ''): string {
  // A vertical bar would begin the performance data.
  const line = text.replaceAll('|', '/').replaceAll(/\s+/g, ' ').trim();
  const cut = line.length > LONGEST_TEXT ? `${line.slice(0, LONGEST_TEXT - 1)}…` : line;
  return `LADEPULS ${LABELS[level]} - ${cut}${data === '' ? '' : ` | ${data}`}\n`;
}
