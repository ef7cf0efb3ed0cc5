/** The kind of entity that a rule examines. */
export type Subject = 'charging_station' | 'charging_point' | 'connector' | 'feed';

/** Severity of a failed rule. A failed `severe` rule can prevent a day from being published. */
export type Severity = 'severe' | 'warning' | 'notice';

/** Why a poll is not complete, as far as a rule is about it. */
export type Incompleteness = 'empty' | 'shrunk' | 'unreadable_ids';

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
   *
   * Or the reason for which polls are wrong that are not complete. Such a rule examines each poll of a feed. It is
   * applied when polls are judged, because other days decide which polls of a day are complete.
   */
  examine: string | { incomplete: Incompleteness };
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

/** Greatest number of changes of an entity's master data on one day that is ordinary. */
export const MOST_CHANGES = 2;

/**
 * Build a query that counts how often the master data of each entity of a kind change within the polls of one feed. It
 * reads content spans, which compare master data exactly.
 */
export function examineChanges(
  subject: 'charging_station' | 'charging_point',
  columns: readonly string[],
): string {
  const id = IDS[subject];
  const before = (column: string) => `lag("${column}") over (partition by feed, ${id} order by first_slot)`;
  const isSame = (column: string) =>
    `("${column}" = "before_${column}" or ("${column}" is null and "before_${column}" is null))`;
  return `
    select feed, cast(id as varchar(512)) as id,
      cast('changed ' || cast(sum(changed) as varchar(32)) || ' times:' || ${columns
        .map((column) => `max("name_${column}")`)
        .join(' || ')} as ${VALUE}) as value,
      1 as checked, case when sum(changed) > ${MOST_CHANGES} then 1 else 0 end as failed
    from (
      select feed, ${id} as id,
        case when before_slot is null or (${columns.map(isSame).join(' and ')}) then 0 else 1 end as changed,
        ${columns
          .map(
            (column) =>
              `case when before_slot is null or ${isSame(column)} then '' else ' ${column}' end as "name_${column}"`,
          )
          .join(',\n        ')}
      from (
        select feed, ${id}, ${columns.map((column) => `"${column}"`).join(', ')},
          ${columns.map((column) => `${before(column)} as "before_${column}"`).join(',\n          ')},
          ${before('first_slot')} as before_slot
        from new_${subject}_content_span
      ) as followed
    ) as compared
    group by feed, id`;
}
