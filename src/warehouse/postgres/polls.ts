import { COMPARED_HOURS, COMPLETE_SHARE, type Window } from '../load/absence.js';
import { instant } from '../literal.js';

/** The polls that are judged differently than before; see `judgedPolls` of the dialect. */
export function judgedPolls(day: Window): string {
  const [from, to] = [instant(day.from), instant(day.to)];
  return `
    select feed, slot, complete
    from (
      select feed, slot, poll.complete as was,
        quarantined = 0 and charging_points > 0 and charging_points >= ${COMPLETE_SHARE} * max(charging_points)
          over (partition by feed order by slot range between '${COMPARED_HOURS} hours' preceding and current row) as complete
      from poll join touched_feed using (feed)
      where slot >= ${from} - interval '${COMPARED_HOURS} hours' and slot < ${to} + interval '${COMPARED_HOURS} hours'
    ) judged
    where slot >= ${from} and complete <> was`;
}
