import type { ValueIssue } from '../domain/normalised.js';
import type { Entity, FieldIssue } from '../domain/observation.js';
import { cutText } from '../domain/text.js';

const MAX_NAME_LENGTH = 100;
const MAX_VALUE_LENGTH = 200;
/** More than the largest station of a feed has: what a station of a million unknown fields has beyond them is not told. */
const MAX_ISSUES = 1000;
/** The reason that stands after {@link MAX_ISSUES} issues of a station, where there are more. */
export const MORE_ISSUES = 'more_issues';

/** The record that an issue belongs to, and its JSON path. */
interface Place {
  entity: Entity;
  id: string;
  path: string;
}

/** What is found wrong or new while a station is read. */
export class FieldIssues {
  readonly found: FieldIssue[] = [];
  private readonly unknown = new Set<string>();

  /** @param field the field below the record, such as `operator.name` */
  add({ entity, id, path }: Place, field: string, issues: readonly ValueIssue[]): void {
    for (const { reason, at, raw } of issues) {
      if (this.isFull()) return;
      this.found.push({ entity, id, path: `${path}.${field}${at}`, field, reason, value: jsonExcerpt(raw) });
    }
  }

  /** A text that is longer than its column takes. It may be made of several fields: the path is the record's. */
  addCut({ entity, id, path }: Place, column: string, raw: string): void {
    if (this.isFull()) return;
    this.found.push({ entity, id, path, field: column, reason: 'too_long', value: jsonExcerpt(raw) });
  }

  /**
   * An unknown field is news about the feed, not about each of its records: it is kept once a station.
   * @param prefix the object that it stands in, such as `operator.`, or nothing for the record itself
   */
  addUnknown({ entity, path }: Place, prefix: string, name: string, raw: unknown): void {
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

/** The name as it is, or, where it is no plain word, as JSON: printable and not too long in any case. */
function fieldName(name: string): string {
  return /^[\w$-]{1,100}$/.test(name) ? name : printableJson(cutText(name, MAX_NAME_LENGTH));
}

/** JSON without any control character: the standard leaves those from U+007F on as they are. */
function printableJson(value: unknown): string {
  const escaped = (control: string) => `\\u${control.charCodeAt(0).toString(16).padStart(4, '0')}`;
  return JSON.stringify(value).replace(/\p{Cc}/gu, escaped);
}

/** The value as JSON, cut; null where there is none. */
function jsonExcerpt(raw: unknown): string | null {
  if (raw === undefined) return null;
  try {
    return cutText(printableJson(raw), MAX_VALUE_LENGTH);
  } catch {
    return null; // nested too deep for the stack
  }
}
