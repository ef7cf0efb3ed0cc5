/** What tells one finding from another, as cleaning does within a part. */
export const FINDINGS = {
  quarantine: 'feed, entity, coalesce(id, path), reason',
  field_issue: "feed, entity, coalesce(id, ''), field, reason",
} as const;
