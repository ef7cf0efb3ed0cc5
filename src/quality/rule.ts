/** What a rule examines, one by one. */
export type Subject = 'charging_station' | 'charging_point' | 'connector' | 'feed';

/** How bad it is that a rule fails: what is severe can keep a day from being published. */
export type Severity = 'severe' | 'warning' | 'notice';

/** What is expected of a day's data. */
export interface QualityRule {
  name: string;
  /** In one sentence: what is right. */
  meaning: string;
  subject: Subject;
  severity: Severity;
  /** The rule fails where more than this share of what was examined is wrong, 0 to 1. */
  threshold: number;
  /**
   * A query over the tables that a load has in staging, and over `seen_charging_station`, `seen_charging_point` and
   * `seen_connector`: the last content span of each entity that the day showed. Its rows: `feed`, `id` (of the subject; of a feed, its
   * name), `value` (what is wrong with it), `checked` and `failed` (how much was examined, and how much of that is wrong).
   * It reads no facts: they are many, and a load that adds to a day has but its own. SQL that Redshift knows too: texts have a
   * length there, and numbers are cast before they are joined to one.
   */
  examine: string;
  /** Whether it reads `new_status_interval`, which a load that leaves its facts in the archive has not. */
  readsIntervals?: true;
}

/** The type of what is put together of several texts. No finding is longer, and so none is cut. */
const VALUE = 'varchar(4096)';

const IDS = { charging_station: 'id_cs', charging_point: 'id_cp', connector: 'id_connector' } as const;

/** A query that examines every one of a kind, as the day showed it last. */
export function examineEach(
  subject: keyof typeof IDS,
  {
    passes,
    value,
    where = 'true',
    below,
  }: {
    /** SQL: whether one is right; null is not. */
    passes: string;
    /** SQL: what is wrong with one that is not. */
    value: string;
    /** SQL: which are examined. */
    where?: string;
    /** What belongs to one: then `has_below` says whether any does. */
    below?: keyof typeof IDS;
  },
): string {
  return `
    select feed, cast(${IDS[subject]} as varchar(512)) as id, cast(${value} as ${VALUE}) as value, 1 as checked,
      case when ${passes} then 0 else 1 end as failed
    from seen_${subject}${below === undefined ? '' : BELOW(subject, below)} where ${where}`;
}

/** A join, because a subquery in a condition is looked through for each row once it is too large for its memory. */
const BELOW = (subject: keyof typeof IDS, below: keyof typeof IDS) =>
  ` left join (select distinct ${IDS[subject]}, true as has_below from seen_${below}) as below using (${IDS[subject]})`;
