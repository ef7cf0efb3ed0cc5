/** The kind of entity that a rule examines. */
export type Subject = 'charging_station' | 'charging_point' | 'connector' | 'feed';

/** Severity of a failed rule. A failed `severe` rule can prevent a day from being published. */
export type Severity = 'severe' | 'warning' | 'notice';

/** An expectation of a day's data. */
export interface QualityRule {
  name: string;
  /** The correct state, in one sentence. */
  meaning: string;
  subject: Subject;
  severity: Severity;
  /** The rule fails when the wrong share of the examined subjects exceeds this value, 0 to 1. */
  threshold: number;
  /**
   * A query over the load's staging tables, and over `seen_charging_station`, `seen_charging_point` and
   * `seen_connector`, which have the last content span of each entity on that day.
   *
   * Columns of the result: `feed`; `id` of the subject (for a feed, its name); `value`, which says what is wrong;
   * `checked` and `failed`, the numbers of examined and of wrong cases.
   *
   * The query must not read facts, because they are many, and an addition has only its own. It must be valid in
   * Redshift too: texts need a length, and numbers are cast before they are concatenated.
   */
  examine: string;
  /**
   * Whether the query reads `new_status_interval`. This table is missing in a load that leaves its facts in the
   * archive.
   */
  readsIntervals?: true;
}

/** Type of concatenated texts. Longer than any finding, so that none is cut. */
const VALUE = 'varchar(4096)';

const IDS = { charging_station: 'id_cs', charging_point: 'id_cp', connector: 'id_connector' } as const;

/** Build a query that examines the last content span of each entity of a kind. */
export function examineEach(
  subject: keyof typeof IDS,
  {
    passes,
    value,
    where = 'true',
    below,
  }: {
    /** SQL: whether an entity is right; null means wrong. */
    passes: string;
    /** SQL: what is wrong with an entity. */
    value: string;
    /** SQL: which entities are examined. */
    where?: string;
    /** A kind of entity below this one. The column `has_below` then says whether the entity has any. */
    below?: keyof typeof IDS;
  },
): string {
  return `
    select feed, cast(${IDS[subject]} as varchar(512)) as id, cast(${value} as ${VALUE}) as value, 1 as checked,
      case when ${passes} then 0 else 1 end as failed
    from seen_${subject}${below === undefined ? '' : BELOW(subject, below)} where ${where}`;
}

/** A join, because a subquery in a condition is scanned again for each row when it exceeds the memory. */
const BELOW = (subject: keyof typeof IDS, below: keyof typeof IDS) =>
  ` left join (select distinct ${IDS[subject]}, true as has_below from seen_${below}) as below using (${IDS[subject]})`;
