import type { FieldIssue, Quarantined } from '../domain/observation.js';
import type { Slot } from '../domain/slot.js';
import { type CsvValue, timestamp } from '../domain/csv.js';

/** Answer in which a finding was made. */
export interface FindingOrigin {
  slotMs: Slot;
  /** Key of the answer in the raw store. */
  key: string;
}

interface Finding extends FieldIssue {
  first: FindingOrigin;
  lastSlotMs: Slot;
  occurrences: number;
}

/**
 * Quarantined records and field issues of a feed's day. A finding that repeats poll after poll is one entry, with its
 * first occurrence and the number of occurrences. Therefore a feed that is wrong all day, or hostile, makes no more
 * entries than one answer has records.
 */
export class Findings {
  private readonly quarantined = new Map<string, Finding>();
  private readonly issues = new Map<string, Finding>();

  quarantine(origin: FindingOrigin, record: Quarantined): void {
    // A record without an id is identified by its path in the answer.
    const identity = record.id ?? record.path;
    this.add(this.quarantined, [record.entity, identity, record.reason], origin, {
      ...record,
      field: '',
      value: null,
    });
  }

  flag(origin: FindingOrigin, issue: FieldIssue): void {
    this.add(this.issues, [issue.entity, issue.id ?? '', issue.field, issue.reason], origin, issue);
  }

  private add(
    into: Map<string, Finding>,
    identity: string[],
    origin: FindingOrigin,
    finding: FieldIssue,
  ): void {
    const mapKey = JSON.stringify(identity);
    const known = into.get(mapKey);
    if (known) {
      known.lastSlotMs = origin.slotMs;
      known.occurrences++;
    } else {
      into.set(mapKey, { ...finding, first: origin, lastSlotMs: origin.slotMs, occurrences: 1 });
    }
  }

  /** Generate the rows of the flat file `quarantine`. */
  *quarantineRows(feed: string): Iterable<CsvValue[]> {
    for (const f of this.quarantined.values()) {
      yield [
        feed,
        f.entity,
        f.id,
        f.path,
        f.reason,
        timestamp(f.first.slotMs),
        timestamp(f.lastSlotMs),
        f.occurrences,
        f.first.key,
      ];
    }
  }

  /** Generate the rows of the flat file `field_issue`. */
  *issueRows(feed: string): Iterable<CsvValue[]> {
    for (const f of this.issues.values()) {
      yield [
        feed,
        f.entity,
        f.id,
        f.field,
        f.reason,
        f.path,
        f.value,
        timestamp(f.first.slotMs),
        timestamp(f.lastSlotMs),
        f.occurrences,
        f.first.key,
      ];
    }
  }
}
