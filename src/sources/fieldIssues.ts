import type { ValueIssue } from '../domain/normalised.js';
import type { Entity, FieldIssue } from '../domain/observation.js';
import { cutText } from '../domain/text.js';

const MAX_NAME_LENGTH = 100;
const MAX_VALUE_LENGTH = 200;
/**
 * Upper bound for the issues of one station: more than the largest recorded station has. Protects against a station
 * with a million unknown fields; further issues are not recorded.
 */
const MAX_ISSUES = 1000;
/** The reason of the last issue of a station with more than {@link MAX_ISSUES} issues. */
export const MORE_ISSUES = 'more_issues';

/** The record that an issue belongs to, and its JSON path. */
interface RecordLocation {
  entity: Entity;
  id: string;
  path: string;
}

/** The issues that are found while a station is read. */
export class FieldIssues {
  readonly found: FieldIssue[] = [];
  private readonly unknown = new Set<string>();

  /**
   * Record the issues of a field's value.
   *
   * @param field the field below the record, such as `operator.name`
   */
  add({ entity, id, path }: RecordLocation, field: string, issues: readonly ValueIssue[]): void {
    for (const { reason, at, raw } of issues) {
      if (this.isFull()) return;
      this.found.push({ entity, id, path: `${path}.${field}${at}`, field, reason, value: jsonExcerpt(raw) });
    }
  }

  /**
   * Record that a text was cut to the length of its column. The text may combine several fields; therefore the path is
   * the record's.
   */
  addCut({ entity, id, path }: RecordLocation, column: string, raw: string): void {
    if (this.isFull()) return;
    this.found.push({ entity, id, path, field: column, reason: 'too_long', value: jsonExcerpt(raw) });
  }

  /**
   * Record an unknown field. It is recorded once per station, because it concerns the feed and not single records.
   *
   * @param prefix the object that contains the field, such as `operator.`; empty for the record itself
   */
  addUnknown({ entity, path }: RecordLocation, prefix: string, name: string, raw: unknown): void {
    if (this.isFull()) return;
    const field = prefix + fieldName(name);
    const key = `${entity} ${field}`;
    if (this.unknown.has(key)) return;
    this.unknown.add(key);
    const value = jsonExcerpt(raw);
    this.found.push({ entity, id: null, path: `${path}.${field}`, field, reason: 'unknown_field', value });
  }

  private isFull(): boolean {
    if (this.found.length === MAX_ISSUES)
      this.found.push({
        entity: 'station',
        id: null,
        path: '$',
        field: '',
        reason: MORE_ISSUES,
        value: null,
      });
    return this.found.length > MAX_ISSUES;
  }
}

/** Return a printable name of limited length: a plain word unchanged, any other name as JSON. */
function fieldName(name: string): string {
  return /^[\w$-]{1,100}$/.test(name) ? name : printableJson(cutText(name, MAX_NAME_LENGTH));
}

/**
 * Write JSON without any control character. JSON.stringify leaves those from U+007F on unescaped, as the standard
 * allows.
 */
function printableJson(value: unknown): string {
  const escaped = (control: string) => `\\u${control.charCodeAt(0).toString(16).padStart(4, '0')}`;
  return JSON.stringify(value).replace(/\p{Cc}/gu, escaped);
}

/** Return the value as printable JSON, cut to the maximum length; null when there is no value. */
export function jsonExcerpt(raw: unknown): string | null {
  if (raw === undefined) return null;
  try {
    return cutText(printableJson(raw), MAX_VALUE_LENGTH);
  } catch {
    return null; // nested too deep for the stack
  }
}
