from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import Code, Refused
from domain.strategies import status as status_module
from domain.strategies.status import StrategyAction as Action
from domain.strategies.status import StrategyStatus as Status
from domain.strategies.status import next_status, possible_actions

TABLE = {
    (Status.DRAFT, Action.ACTIVATE): Status.ACTIVE,
    (Status.DRAFT, Action.ARCHIVE): Status.ARCHIVED,
    (Status.ACTIVE, Action.PAUSE): Status.PAUSED,
    (Status.ACTIVE, Action.STOP): Status.STOPPED,
    (Status.ACTIVE, Action.FAIL): Status.ERROR,
    (Status.PAUSED, Action.RESUME): Status.ACTIVE,
    (Status.PAUSED, Action.STOP): Status.STOPPED,
    (Status.PAUSED, Action.FAIL): Status.ERROR,
    (Status.STOPPED, Action.ACTIVATE): Status.ACTIVE,
    (Status.STOPPED, Action.ARCHIVE): Status.ARCHIVED,
    (Status.ERROR, Action.ACTIVATE): Status.ACTIVE,
    (Status.ERROR, Action.STOP): Status.STOPPED,
    (Status.ERROR, Action.ARCHIVE): Status.ARCHIVED,
    (Status.ARCHIVED, Action.RESTORE): Status.DRAFT,
}


@pytest.mark.parametrize("action", Action)
@pytest.mark.parametrize("status", Status)
def test_every_pair_goes_where_the_table_says_or_is_refused(status: Status, action: Action) -> None:
    if (status, action) in TABLE:
        assert next_status(status, action) is TABLE[status, action]
        return
    with pytest.raises(Refused) as caught:
        next_status(status, action)
    (problem,) = caught.value.problems
    assert (problem.code, problem.field) == (Code.WRONG_STATE, ())
    assert problem.message.endswith(f"Possible now: {', '.join(possible_actions(status))}.")


def test_a_refusal_says_what_can_be_done_instead() -> None:
    with pytest.raises(Refused) as caught:
        next_status(Status.ACTIVE, Action.ARCHIVE)
    assert str(caught.value) == "This strategy is active, so it cannot be archived. Possible now: pause, stop."


def test_the_table_in_the_docstring_is_the_table_in_the_code() -> None:
    rows = [line.split("|")[1:-1] for line in (status_module.__doc__ or "").splitlines() if line.startswith("|")]
    actions = [Action(cell.strip()) for cell in rows[0][1:]]
    written = {
        (Status(row[0].strip()), action): Status(cell.strip())
        for row in rows[2:]
        for action, cell in zip(actions, row[1:], strict=True)
        if cell.strip()
    }
    assert written == TABLE


@pytest.mark.parametrize(
    ("status", "actions"),
    [
        (Status.DRAFT, ("activate", "archive")),
        (Status.ACTIVE, ("pause", "stop")),
        (Status.PAUSED, ("resume", "stop")),
        (Status.STOPPED, ("activate", "archive")),
        (Status.ERROR, ("activate", "stop", "archive")),
        (Status.ARCHIVED, ("restore",)),
    ],
)
def test_a_person_is_offered_what_is_possible_but_never_to_fail(status: Status, actions: tuple[str, ...]) -> None:
    assert possible_actions(status) == actions


@given(st.lists(st.sampled_from(Action), max_size=30))
def test_no_path_leaves_the_archive_but_restore_and_none_archives_what_may_hold_a_position(path: list[Action]) -> None:
    status = Status.DRAFT
    for action in path:
        before = status
        try:
            status = next_status(status, action)
        except Refused:
            assert action not in possible_actions(before)
            continue
        if before is Status.ARCHIVED:
            assert (action, status) == (Action.RESTORE, Status.DRAFT)
        if status is Status.ARCHIVED:
            assert before not in {Status.ACTIVE, Status.PAUSED}
