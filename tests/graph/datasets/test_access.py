"""Who sees datasets, and what nobody else can find out. Lists cost the same however long they are."""

from __future__ import annotations

import pytest

from app.factory import Factory
from domain.projects.model import Project
from graph.ids import encode
from tests.support.api import Api
from tests.support.datasets import a_csv, a_dataset, a_link, a_ready_dataset, ready_row, shown
from tests.support.people import Person, a_person
from tests.support.rows import fingerprint
from tests.support.statements import counted
from tests.support.strategies import project_row

_LIST = (
    "{ datasets(first: 50) { nodes { name owner { id } project { name } parent { name } job { status } "
    "files { canonical } report { rows } jobs { nodes { kind dataset { name } } } children { nodes { name } } } } }"
)


@pytest.fixture
async def people(factory: Factory) -> tuple[Person, Person, Person]:
    return await a_person(factory, "ada"), await a_person(factory, "bob"), await a_person(factory, "eve")


@pytest.fixture
async def project(factory: Factory, people: tuple[Person, Person, Person]) -> Project:
    """Of ada; bob looks on."""
    return await project_row(factory, people[0], people[1])


async def test_the_same_content_tells_nobody_that_somebody_has_it(
    api: Api, factory: Factory, people: tuple[Person, Person, Person]
) -> None:
    ada, _, eve = people
    mine = await a_ready_dataset(api, factory, ada)
    theirs = await a_dataset(api, eve)
    answers = [await api.client.put(await a_link(api, eve, theirs), content=a_csv())]
    fresh = await a_dataset(api, eve)
    answers.append(await api.client.put(await a_link(api, eve, fresh), content=a_csv("NEW")))
    assert {answer.status_code for answer in answers} == {200}
    assert {frozenset(answer.json()) for answer in answers} == {frozenset({"uploadId", "sha256", "size"})}
    assert await shown(api, eve, mine, "id") is None


async def test_a_stranger_gets_the_same_answers_as_for_what_never_was(
    api: Api, factory: Factory, people: tuple[Person, Person, Person]
) -> None:
    ada, _, eve = people
    dataset = await ready_row(factory, ada)
    real, never = encode("Dataset", dataset.id), encode("Dataset", ada.user.id)
    before = await fingerprint(factory.engine)
    for field, wish in (
        ("updateDataset", lambda id_: {"id": id_, "name": "x"}),
        ("deleteDataset", lambda id_: {"id": id_}),
        ("correctDataset", lambda id_: {"id": id_}),
        ("requestUpload", lambda id_: {"datasetId": id_, "filename": "a.csv"}),
        ("requestDownload", lambda id_: {"datasetId": id_, "form": "CSV"}),
        ("preprocessDataset", lambda id_: {"datasetId": id_, "name": "x", "steps": [{"kind": "returns"}]}),
    ):
        answers = [await api.do(field, eve, wish(id_), "errors { code message field }") for id_ in (real, never)]
        assert answers[0] == answers[1], field
        assert answers[0]["errors"][0]["code"] == "NOT_FOUND"
    preview = "query($id: ID!) { datasetPreview(datasetId: $id) { total } }"
    assert await api.data(preview, eve, id=real) == await api.data(preview, eve, id=never)
    assert await fingerprint(factory.engine) == before


async def test_a_link_of_somebody_who_may_no_longer_write_is_turned_away(
    api: Api, factory: Factory, people: tuple[Person, Person, Person], project: Project
) -> None:
    ada, bob, _ = people
    members = "errors { code }"
    role = {"projectId": encode("Project", project.id), "userId": bob.id, "role": "EDITOR"}
    assert (await api.do("changeMemberRole", ada, role, members))["errors"] == []
    id_ = await a_dataset(api, ada, projectId=encode("Project", project.id))
    link = await a_link(api, bob, id_)
    assert (await api.do("changeMemberRole", ada, role | {"role": "VIEWER"}, members))["errors"] == []
    before = await fingerprint(factory.engine, but=frozenset({"blobs"}))
    assert (await api.client.put(link, content=a_csv())).status_code == 403
    assert await fingerprint(factory.engine, but=frozenset({"blobs"})) == before


async def test_members_see_and_editors_move_what_lies_in_the_project(
    api: Api, factory: Factory, people: tuple[Person, Person, Person], project: Project
) -> None:
    ada, bob, eve = people
    dataset = await ready_row(factory, ada)
    id_, into = encode("Dataset", dataset.id), encode("Project", project.id)
    assert await shown(api, bob, id_, "name") is None
    moved = await api.do("updateDataset", ada, {"id": id_, "projectId": into}, "dataset { project { name } }")
    assert moved == {"dataset": {"project": {"name": "Desk"}}}
    assert await shown(api, bob, id_, "name") == {"name": "Prices"}
    in_project = "query($p: ID!) { datasets(filter: {projectId: $p}) { totalCount } }"
    assert (await api.data(in_project, bob, p=into))["datasets"] == {"totalCount": 1}
    assert (await api.data(in_project, eve, p=into))["datasets"] == {"totalCount": 0}
    assert await api.codes(
        "mutation($i: UpdateDatasetInput!) { updateDataset(input: $i) { errors { code } } }",
        bob,
        i={"id": id_, "name": "x"},
    ) == ["FORBIDDEN"]


async def test_a_list_takes_as_many_statements_for_thirty_as_for_three(
    api: Api, factory: Factory, people: tuple[Person, Person, Person], project: Project
) -> None:
    ada = people[0]
    counts = []
    for rows in (3, 27):
        for _ in range(rows):
            await ready_row(factory, ada, project.id)
        with counted(factory.reader) as sent:
            found = await api.data(_LIST, ada)
        counts.append(len(sent))
    assert len(found["datasets"]["nodes"]) == 30
    # Who asks, the page, owners, projects, latest jobs, all jobs, files, papers, children.
    assert counts == [9, 9]


async def test_lists_are_filtered_and_sorted(api: Api, factory: Factory, people: tuple[Person, Person, Person]) -> None:
    ada = people[0]
    for name, tags in (("Beta", ["x"]), ("alpha", ["x", "y"]), ("Gamma", [])):
        await a_dataset(api, ada, name=name, tags=tags)
    await ready_row(factory, ada, name="Delta")
    listed = "query($f: DatasetFilter, $o: DatasetOrder) { datasets(filter: $f, orderBy: $o) { nodes { name } } }"

    async def names(order: str = "NAME", **filter: object) -> list[str]:
        found = await api.data(listed, ada, f=filter, o=order)
        return [node["name"] for node in found["datasets"]["nodes"]]

    assert await names() == ["alpha", "Beta", "Delta", "Gamma"]
    assert await names("NAME_DESC") == ["Gamma", "Delta", "Beta", "alpha"]
    assert await names("OLDEST", statuses=["EMPTY"]) == ["Beta", "alpha", "Gamma"]
    assert await names(tags=["X"]) == ["alpha", "Beta"]
    assert await names(text="AMM") == ["Gamma"]
    assert await names(dataType="SYNTHETIC") == []
