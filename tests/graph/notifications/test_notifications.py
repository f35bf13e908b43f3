"""Notifications through the API."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy import select

from app.factory import Factory
from domain.accounts.api_tokens import NewApiToken
from domain.accounts.model import Scope
from domain.ids import new_id
from domain.notifications.model import NoticeKind, Subject, moment_of
from graph.ids import encode
from persistence.tables.notifications import notifications
from tests.support.accounts import Stored
from tests.support.api import Api
from tests.support.clock import StandingClock
from tests.support.jobs import dataset_row, job_row
from tests.support.notices import a_notice, choose, ids_of, tell, tell_everyone, titles, unread
from tests.support.people import Person, a_person
from tests.support.rows import fingerprint
from tests.support.statements import counted
from tests.support.strategies import project_row
from tests.workers.helpers import eventually

FIELDS = "id kind type title message linkId link { __typename id } isForEveryone readAt createdAt"
MARK_ALL = "mutation { markAllNotificationsRead { marked errors { code } } }"


async def test_all_that_is_known_of_a_notification(api: Api, factory: Factory, ann: Person) -> None:
    job = await job_row(factory.works, ann)
    await tell(factory, ann, a_notice(subject=Subject("Job", job.id)))
    [found] = (await api.data(f"{{ notifications {{ nodes {{ {FIELDS} }} }} }}", ann))["notifications"]["nodes"]
    id_ = encode("Job", job.id)
    assert found == {
        "id": found["id"],
        "kind": "JOB_FAILED",
        "type": "ERROR",
        "title": "It failed",
        "message": "It broke.",
        "linkId": id_,
        "link": {"__typename": "Job", "id": id_},
        "isForEveryone": False,
        "readAt": None,
        "createdAt": "2026-03-02T12:00:00+00:00",
    }
    again = await api.data("query($id: ID!) { node(id: $id) { ... on Notification { title } } }", ann, id=found["id"])
    assert again == {"node": {"title": "It failed"}}


async def test_one_has_ones_own_and_everyones_since_one_registered_the_latest_first(
    api: Api, factory: Factory, ann: Person, bob: Person, admin: Person
) -> None:
    await tell_everyone(factory, "first to all")
    await tell(factory, ann, a_notice("to ann"))
    late = await a_person(factory, "late")
    await tell_everyone(factory, "second to all")
    assert await titles(api, ann) == ["second to all", "to ann", "first to all"]
    assert await titles(api, bob) == await titles(api, admin) == ["second to all", "first to all"]
    assert await titles(api, late) == ["second to all"]
    assert [await unread(api, who) for who in (ann, bob, late)] == [3, 2, 1]
    for hidden in await ids_of(api, ann):
        found = await api.data("query($id: ID!) { node(id: $id) { id } }", late, id=hidden)
        assert (found["node"] is None) == (hidden not in await ids_of(api, late))


async def test_filters(api: Api, factory: Factory, ann: Person) -> None:
    await tell(factory, ann, a_notice("a"), a_notice("b", NoticeKind.DATASET_BAD), a_notice("c"))
    everyones = await tell_everyone(factory, "d")
    [_, last, *_] = await ids_of(api, ann)
    await api.do("markNotificationsRead", ann, {"ids": [last, everyones]})
    assert await titles(api, ann, unread=True) == ["b", "a"]
    assert await titles(api, ann, unread=False) == ["d", "c"]
    assert await titles(api, ann, kinds=["DATASET_BAD", "BROADCAST"]) == ["d", "b"]
    assert await titles(api, ann, kinds=["DATASET_BAD"], unread=False) == []
    assert await titles(api, ann, kinds=[]) == ["d", "c", "b", "a"]


async def test_pages_hold_each_once(api: Api, factory: Factory, ann: Person) -> None:
    for number in range(0, 9, 3):
        await tell(factory, ann, a_notice(f"{number}"), a_notice(f"{number + 1}"))
        await tell_everyone(factory, f"{number + 2}")
    document = """query($after: String) { notifications(first: 2, after: $after) {
        pageInfo { hasNextPage endCursor } nodes { title } } }"""
    found, after, pages = [], None, 0
    while True:
        page = (await api.data(document, ann, after=after))["notifications"]
        found += [node["title"] for node in page["nodes"]]
        after, pages = page["pageInfo"]["endCursor"], pages + 1
        if not page["pageInfo"]["hasNextPage"]:
            break
    assert (found, pages) == (list("876543210"), 5)


async def test_a_read_one_stays_as_it_was_first_read(
    api: Api, factory: Factory, ann: Person, bob: Person, clock: StandingClock
) -> None:
    await tell(factory, ann, a_notice("a"), a_notice("b"))
    await tell_everyone(factory, "c")
    ids = await ids_of(api, ann)
    select_ = "unread notifications { id readAt } errors { code field }"
    marked = await api.do("markNotificationsRead", ann, {"ids": [ids[2], ids[0]]}, select_)
    now = "2026-03-02T12:00:00+00:00"
    assert marked == {"errors": [], "unread": 1, "notifications": [{"id": ids[n], "readAt": now} for n in (2, 0)]}
    clock.advance(minutes=1)
    again = await api.do("markNotificationsRead", ann, {"ids": [ids[0], ids[1], ids[2]]}, select_)
    later = "2026-03-02T12:01:00+00:00"
    assert [each["readAt"] for each in again["notifications"]] == [now, later, now]
    assert (again["unread"], await unread(api, ann), await unread(api, bob)) == (0, 0, 1)


async def test_all_are_marked_or_none(api: Api, factory: Factory, ann: Person, bob: Person) -> None:
    await tell(factory, ann, a_notice())
    await tell(factory, bob, a_notice())
    [mine], [bobs] = await ids_of(api, ann), await ids_of(api, bob)
    before = await fingerprint(factory.engine)
    cases = {
        "1": [mine, bobs],
        "0": [encode("Notification", new_id()), mine],
        "2": [mine, mine, encode("Job", new_id())],
    }
    for place, ids in cases.items():
        refused = await api.do("markNotificationsRead", ann, {"ids": ids})
        assert refused == {"errors": [{"code": "NOT_FOUND", "field": ["ids", place]}]}
    for ids, code in (([], "TOO_SHORT"), ([mine] * 101, "TOO_LONG")):
        assert await api.do("markNotificationsRead", ann, {"ids": ids}) == {
            "errors": [{"code": code, "field": ["ids"]}]
        }
    assert await fingerprint(factory.engine) == before


async def test_everything_is_marked_once(api: Api, factory: Factory, ann: Person, bob: Person) -> None:
    await tell(factory, ann, a_notice(), a_notice())
    await tell_everyone(factory, "to all")
    answers = await asyncio.gather(*(api.data(MARK_ALL, ann) for _ in range(4)))
    assert sorted(answer["markAllNotificationsRead"]["marked"] for answer in answers) == [0, 0, 0, 3]
    assert (await unread(api, ann), await unread(api, bob)) == (0, 1)
    assert await titles(api, ann, unread=True) == []


async def test_a_choice_holds_from_then_on(api: Api, factory: Factory, ann: Person) -> None:
    document = "{ notificationChoices { kind inApp mail } }"
    usual = {kind.name: {"inApp": True, "mail": False} for kind in NoticeKind}
    shown = (await api.data(document, ann))["notificationChoices"]
    assert {each.pop("kind"): each for each in shown} == usual
    await tell(factory, ann, a_notice("before"))
    assert await choose(api, ann, NoticeKind.JOB_FAILED, inApp=False) == {"inApp": False, "mail": False}
    assert await choose(api, ann, NoticeKind.JOB_FAILED, mail=True) == {"inApp": False, "mail": True}
    assert await choose(api, ann, NoticeKind.JOB_FAILED) == {"inApp": False, "mail": True}
    await tell(factory, ann, a_notice("after"), a_notice("other", NoticeKind.DATASET_BAD))
    assert await titles(api, ann) == ["other", "before"]
    [(task, payload)] = await Stored(factory.engine).tasks()
    assert (task, payload["user"], payload["notice"]["title"]) == ("mail.notice", str(ann.user.id), "after")  # type: ignore[index]
    shown = (await api.data(document, ann))["notificationChoices"]
    assert {each.pop("kind"): each for each in shown} == usual | {"JOB_FAILED": {"inApp": False, "mail": True}}


async def test_who_does_not_want_what_everyone_is_told_does_not_see_it(
    api: Api, factory: Factory, ann: Person, bob: Person
) -> None:
    await choose(api, ann, NoticeKind.BROADCAST, inApp=False)
    await tell_everyone(factory, "to all")
    assert (await titles(api, ann), await unread(api, ann)) == ([], 0)
    assert (await titles(api, bob), await unread(api, bob)) == (["to all"], 1)
    await choose(api, ann, NoticeKind.BROADCAST, inApp=True)
    assert await titles(api, ann) == ["to all"]


async def test_an_admin_tells_everyone(api: Api, factory: Factory, ann: Person, bob: Person, admin: Person) -> None:
    project = await project_row(factory, ann)
    link = encode("Project", project.id)
    wish = {"title": "  New models ", "message": "a\nb", "type": "WARNING", "link": link}
    payload = await api.do("broadcast", admin, wish, "notification { title kind type isForEveryone } errors { code }")
    told = {"title": "New models", "kind": "BROADCAST", "type": "WARNING", "isForEveryone": True}
    assert payload == {"errors": [], "notification": told}
    document = "{ notifications { nodes { message linkId link { id } } } }"
    for who, seen in ((ann, {"id": link}), (bob, None)):
        [found] = (await api.data(document, who))["notifications"]["nodes"]
        assert found == {"message": "a\nb", "linkId": link, "link": seen}
    assert (await Stored(factory.engine).audit())[-1] == ("broadcast.sent", admin.user.id)


@pytest.mark.parametrize(
    ("wish", "errors"),
    [
        ({"title": " "}, [("REQUIRED", ["title"])]),
        ({"title": "x" * 201, "message": "y" * 2_001}, [("TOO_LONG", ["title"]), ("TOO_LONG", ["message"])]),
        ({"title": "a\nb"}, [("INVALID", ["title"])]),
        ({"title": "a", "link": "rubbish"}, [("NOT_FOUND", ["link"])]),
        ({"title": "a", "link": encode("Job", new_id())}, [("NOT_FOUND", ["link"])]),
        ({"title": "a", "link": encode("Thing", new_id())}, [("NOT_FOUND", ["link"])]),
    ],
)
async def test_what_cannot_be_told(
    api: Api, factory: Factory, admin: Person, wish: dict[str, str], errors: list[tuple[str, list[str]]]
) -> None:
    before = await fingerprint(factory.engine)
    assert await api.do("broadcast", admin, wish) == {"errors": [{"code": c, "field": f} for c, f in errors]}
    assert await fingerprint(factory.engine) == before


async def test_a_token_to_read_with_marks_nothing(api: Api, factory: Factory, ann: Person) -> None:
    made = await factory.use.accounts.api_tokens.create(ann.viewer, NewApiToken(name="script", scopes=[Scope.READ]))
    script = Person(ann.user, ann.viewer, made.secret)
    assert await unread(api, script) == 0
    assert await api.codes(MARK_ALL, script) == ["FORBIDDEN"]


async def test_links_cost_one_statement_for_each_type(api: Api, factory: Factory, ann: Person) -> None:
    subjects = [Subject("Job", (await job_row(factory.works, ann)).id) for _ in range(3)]
    subjects += [Subject("Dataset", await dataset_row(factory.engine, ann)) for _ in range(3)]
    await tell(factory, ann, *(a_notice(subject=subject) for subject in subjects), a_notice())
    document = "{ notifications { nodes { link { id } } } }"
    await api.data("{ __typename }", ann)
    with counted(factory.reader) as sent:
        data = await api.data(document, ann)
    links = [node["link"] for node in data["notifications"]["nodes"]]
    assert links == [None, *({"id": encode(each.type, each.id)} for each in subjects[::-1])]
    assert len([text for text in sent if "user_sessions" not in text]) == 3


async def test_each_has_a_millisecond_of_its_own(factory: Factory, ann: Person) -> None:
    await asyncio.gather(*(tell(factory, ann, a_notice(str(number))) for number in range(20)))
    statement = select(notifications.c.id)
    async with factory.engine.connect() as connection:
        ids = list((await connection.execute(statement)).scalars())
    assert len({moment_of(id_) for id_ in ids}) == 20


async def test_nobody_makes_one_before_the_other_has_committed(factory: Factory, ann: Person, bob: Person) -> None:
    """Else who has seen the later one would never hear of the earlier."""
    order: list[str] = []
    is_in, may_go = asyncio.Event(), asyncio.Event()

    async def slow() -> None:
        async with factory.works() as work:
            await work.notifications.add(ann.user.id, a_notice("first"), factory.clock())
            is_in.set()
            await may_go.wait()
            order.append("slow")

    async def quick() -> None:
        await is_in.wait()
        async with factory.works() as work:
            await work.notifications.add(bob.user.id, a_notice("second"), factory.clock())
            order.append("quick")

    both = asyncio.gather(slow(), quick())
    await is_in.wait()
    waits = "SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"

    async def is_waiting() -> bool:
        async with factory.engine.connect() as connection:
            return bool((await connection.exec_driver_sql(waits)).all())

    await eventually(is_waiting)
    may_go.set()
    await both
    assert order == ["slow", "quick"]
