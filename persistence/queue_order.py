"""Whose turn it is, among the tasks of one queue.

What has no owner, a mail say, comes first, by age. Owners take turns: who has the fewest tasks at work comes first, and
among those who have as many, who was served longest ago. Each owner's own list goes by priority, then age. So the n-th
of an owner who has b at work stands in round b + n, and no priority pushes another owner back.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import (
    CTE,
    BigInteger,
    BindParameter,
    ColumnElement,
    DateTime,
    FromClause,
    Integer,
    Select,
    Subquery,
    and_,
    bindparam,
    case,
    cast,
    func,
    literal,
    null,
    or_,
    select,
    text,
    union_all,
)
from sqlalchemy.sql.selectable import LateralFromClause

from domain.work import Queue
from persistence.tables.system import outbox, queue_turns, system_configs

# One quota over both: an owner's trainings and evaluations. Reading a file must not wait for them.
QUOTA_QUEUES = (Queue.TRAINING, Queue.EVALUATION)
QUOTA = "max_concurrent_jobs"
DEFAULT_QUOTA = 5

NOW: BindParameter[datetime] = bindparam("now", type_=DateTime(timezone=True))
LIMIT: BindParameter[int] = bindparam("limit", type_=Integer)


IN_INDEX_ORDER = text("SET LOCAL enable_sort = off")
"""Say it in the transaction that asks what is due. Where the table was empty when Postgres counted last, it would as
soon sort all that waits as read a few rows in the order of an index."""


def quota() -> ColumnElement[int]:
    """How many tasks of the quota queues one owner may have at work."""
    said = select(cast(system_configs.c.value, Integer)).where(system_configs.c.key == QUOTA).scalar_subquery()
    return func.coalesce(said, DEFAULT_QUOTA)


def at_work(owner: ColumnElement[Any], queues: Sequence[Queue]) -> ColumnElement[int]:
    """How many tasks of these queues the owner has at work: somebody holds them, and has renewed the lease in time."""
    held = _at_work()
    condition = and_(held.c.owner_id == owner, held.c.queue.in_(queues))
    return select(func.count()).where(condition).correlate_except(held).scalar_subquery()


@cache
def _at_work() -> CTE:
    """All that is at work, which is little. It says nothing of owners: else Postgres might look through all that waits
    for them, which it believes to be as short where it has not counted since."""
    held = select(outbox.c.queue, outbox.c.owner_id).where(_held(outbox)).cte("at_work")
    return held.prefix_with("MATERIALIZED")


@cache
def due(queue: Queue) -> Select[Any]:
    """The ids of the tasks to begin `now`, at most `limit`, in turn. Whoever has as many at work as allowed is left
    out. It looks at a few rows of each owner, however many wait."""
    owners = _owners(queue)
    own = _first_of(queue, owners.c.owner_id)
    round_ = owners.c.busy + own.c.place
    within = own.c.place <= quota() - owners.c.counted if queue in QUOTA_QUEUES else own.c.place <= LIMIT
    owned = select(
        own.c.id,
        own.c.head,
        round_.label("round"),
        owners.c.busy,
        owners.c.turn,
        cast(null(), DateTime(timezone=True)).label("since"),
    )
    turns = union_all(_unowned(queue), owned.select_from(owners.join(own, within))).subquery()
    return select(turns.c.id).order_by(*_in_turn(turns)).limit(LIMIT)


@cache
def positions() -> Subquery:
    """Each task that waits `now` (`task_id`), its job (`job_id`, as text; None: it is no job), its `queue`, and its
    `position` there, from 1. It ranks all that wait, so ask once for all that you want to know of."""
    waiting = _ranked()
    position = func.row_number().over(partition_by=waiting.c.queue, order_by=_in_turn(waiting))
    columns = waiting.c.id.label("task_id"), waiting.c.job_id, waiting.c.queue, position.label("position")
    return select(*columns).subquery("positions")


def _ranked() -> Subquery:
    own, by_rank = (outbox.c.queue, outbox.c.owner_id), (outbox.c.priority.desc(), outbox.c.id)
    place = func.row_number().over(partition_by=own, order_by=by_rank)
    head = func.first_value(outbox.c.id).over(partition_by=own, order_by=by_rank)
    busy = _busy()
    has_owner = outbox.c.owner_id.is_not(None)
    count = func.coalesce(busy.c.busy, 0)
    values = (
        outbox.c.id,
        case((has_owner, head), else_=outbox.c.id).label("head"),
        outbox.c.queue,
        outbox.c.payload["job"].astext.label("job_id"),
        case((has_owner, count + place), else_=0).label("round"),
        count.label("busy"),
        queue_turns.c.turn,
        case((has_owner, null()), else_=outbox.c.due_at).label("since"),
    )
    same = and_(busy.c.queue == outbox.c.queue, busy.c.owner_id == outbox.c.owner_id)
    source = outbox.outerjoin(busy, same).outerjoin(queue_turns, _turn_of(outbox.c.owner_id, outbox.c.queue))
    nobody_has_it = or_(outbox.c.claimed_by.is_(None), outbox.c.due_at <= NOW)
    return select(*values).select_from(source).where(outbox.c.failed_at.is_(None), nobody_has_it).subquery()


def _turn_of(owner: ColumnElement[Any], queue: Queue | ColumnElement[str]) -> ColumnElement[bool]:
    return and_(queue_turns.c.owner_id == owner, queue_turns.c.queue == queue)


def _busy() -> Subquery:
    """Owners who have something at work, by queue."""
    held = _at_work()
    whose = held.c.queue, held.c.owner_id
    counted = select(*whose, func.count().label("busy")).where(held.c.owner_id.is_not(None))
    return counted.group_by(*whose).subquery()


def _held(tasks: FromClause) -> ColumnElement[bool]:
    return and_(tasks.c.failed_at.is_(None), tasks.c.claimed_by.is_not(None), tasks.c.due_at > NOW)


def _in_turn(tasks: FromClause) -> tuple[ColumnElement[Any], ...]:
    """Within a round: who has more at work, as its turn in the round before came first; then who was served longest
    ago, or never; then whose list begins with the oldest."""
    return tasks.c.round, tasks.c.busy.desc(), tasks.c.turn.nulls_first(), tasks.c.since, tasks.c.head, tasks.c.id


def _unowned(queue: Queue) -> Select[Any]:
    zero, since = literal(0, Integer), outbox.c.due_at.label("since")
    found = (
        select(
            outbox.c.id,
            outbox.c.id.label("head"),
            zero.label("round"),
            zero.label("busy"),
            cast(null(), BigInteger).label("turn"),
            since,
        )
        .where(outbox.c.queue == queue, outbox.c.owner_id.is_(None), outbox.c.failed_at.is_(None))
        .where(outbox.c.due_at <= NOW)
        .order_by(outbox.c.due_at, outbox.c.id)
        .limit(LIMIT)
        .subquery()
    )
    return select(found)


def _owners(queue: Queue) -> CTE:
    """Those who have a task in the queue. Found by leaps in the index, one for each, not by reading all that wait."""
    found = select(_next_owner(queue, None).label("owner_id")).cte("owners", recursive=True)
    after = _next_owner(queue, found.c.owner_id)
    found = found.union_all(select(after).where(found.c.owner_id.is_not(None)))
    owner = found.c.owner_id
    counts = at_work(owner, [queue]).label("busy"), at_work(owner, QUOTA_QUEUES).label("counted")
    source = found.outerjoin(queue_turns, _turn_of(owner, queue))
    standing = select(owner, *counts, queue_turns.c.turn).select_from(source).where(owner.is_not(None)).cte("standing")
    # Counted once for each owner, not for each of his tasks.
    return standing.prefix_with("MATERIALIZED")


def _next_owner(queue: Queue, after: ColumnElement[Any] | None) -> ColumnElement[Any]:
    theirs = outbox.alias()
    later = theirs.c.owner_id.is_not(None) if after is None else theirs.c.owner_id > after
    found = select(theirs.c.owner_id).where(theirs.c.queue == queue, theirs.c.failed_at.is_(None), later)
    return found.order_by(theirs.c.owner_id).limit(1).correlate_except(theirs).scalar_subquery()


def _first_of(queue: Queue, owner: ColumnElement[Any]) -> LateralFromClause:
    """The head of the owner's own list, numbered."""
    theirs = outbox.alias()
    by_rank = theirs.c.priority.desc(), theirs.c.id
    place, head = func.row_number().over(order_by=by_rank), func.first_value(theirs.c.id).over(order_by=by_rank)
    return (
        select(theirs.c.id, head.label("head"), place.label("place"))
        .where(theirs.c.queue == queue, theirs.c.owner_id == owner, theirs.c.failed_at.is_(None))
        .where(theirs.c.due_at <= NOW)
        .order_by(*by_rank)
        .limit(LIMIT)
        .correlate_except(theirs)
        .lateral("own")
    )
