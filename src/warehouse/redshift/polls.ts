import { COMPARED_HOURS, COMPLETE_SHARE, type Window } from '../load/absence.js';
import { instant } from '../literal.js';

/**
 * The polls that are judged differently than before; see `judgedPolls` of the dialect. Each poll that has less than 80 % of
 * the most that its feed has in all these hours, which few have, is compared with those before it one by one.
 */
export function judgedPolls(day: Window): string {
  const [from, to] = [instant(day.from), instant(day.to)];
  return `
  with compared as (
    select poll.feed, poll.slot, poll.complete, poll.charging_points, poll.quarantined
    from poll join touched_feed on touched_feed.feed = poll.feed
    where poll.slot >= ${from} - interval '${COMPARED_HOURS} hours'
      and poll.slot < ${to} + interval '${COMPARED_HOURS} hours'
  ), most as (
    select feed, max(charging_points) as charging_points from compared group by feed
  ), suspected as (
    select compared.feed, compared.slot, compared.charging_points
    from compared join most on most.feed = compared.feed
    where compared.charging_points < ${COMPLETE_SHARE} * most.charging_points
  ), shrunk as (
    select distinct suspected.feed, suspected.slot
    from suspected join compared before on before.feed = suspected.feed
    where before.slot <= suspected.slot
      and before.slot >= suspected.slot - interval '${COMPARED_HOURS} hours'
      and suspected.charging_points < ${COMPLETE_SHARE} * before.charging_points
  ), judged as (
    select compared.feed, compared.slot, compared.complete as was,
      case
        when compared.quarantined = 0 and compared.charging_points > 0 and shrunk.slot is null then true
        else false
      end as complete
    from compared left join shrunk on shrunk.feed = compared.feed and shrunk.slot = compared.slot
    where compared.slot >= ${from}
  )
  select feed, slot, complete from judged where complete <> was`;
}
