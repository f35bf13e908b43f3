"""Every list in the schema, as a query that asks for it and for everything one level below."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from graphql import (
    GraphQLField,
    GraphQLList,
    GraphQLObjectType,
    GraphQLSchema,
    get_named_type,
    get_nullable_type,
    is_leaf_type,
    is_object_type,
    is_required_argument,
)

ARGUMENTS = {
    "Query.algorithm": "task: ORDER_EXECUTION, name: PD",
    "Query.validateStrategyConfig": "task: ORDER_EXECUTION, algorithm: PD, config: {epochs: -1, rubbish: 1}",
    "Query.datasetPreview": "datasetId: $dataset",
    "Query.datasetSeries": 'datasetId: $dataset, columns: ["close"]',
    "Strategy.diff": "from: 1",
}
"""For fields that cannot be asked without."""

READ_TOO = {
    "Query.systemConfigs",
    "Query.datasetPreview",
    "Query.datasetSeries",
    "Project.myRole",
    "Dataset.files",
    "Dataset.report",
    "Dataset.findings",
    "Dataset.correction",
    "Dataset.recipe",
    "Dataset.manifest",
    "Strategy.diff",
}
"""What reads something, beside connections, their counts, and edges to other objects."""

_PASSED_BY = {"Query.node", "Query.viewer"}
"""Ways to a single object that others lead to in numbers."""


@dataclass(frozen=True)
class Step:
    parent: GraphQLObjectType
    name: str
    field: GraphQLField

    @property
    def title(self) -> str:
        return f"{self.parent.name}.{self.name}"

    @property
    def target(self) -> GraphQLObjectType:
        target = get_named_type(self.field.type)
        assert isinstance(target, GraphQLObjectType)
        return target

    @property
    def is_connection(self) -> bool:
        return is_connection(self.target)

    @property
    def is_list(self) -> bool:
        """One that is asked for by itself; nodes and edges come with their connection."""
        plain = isinstance(get_nullable_type(self.field.type), GraphQLList) and not is_connection(self.parent)
        return self.is_connection or plain

    @property
    def reads(self) -> bool:
        """Whether a statement may be needed for it."""
        to_object = any(interface.name == "Node" for interface in self.target.interfaces)
        return self.is_connection or self.title in READ_TOO or (to_object and not is_connection(self.parent))

    def asked(self, size: int, inner: str) -> str:
        given = [ARGUMENTS[self.title]] if self.title in ARGUMENTS else []
        missing = [name for name, value in self.field.args.items() if is_required_argument(value)]
        assert given or not missing, f"{self.title} needs {missing}: say in ARGUMENTS what to ask it with."
        if "first" in self.field.args:
            given.append(f"first: {size}")
        arguments = f"({', '.join(given)})" if given else ""
        return f"{self.name}{arguments} {{ {inner} }}"


@dataclass(frozen=True)
class Case:
    """A list, and the way to it from Query."""

    way: tuple[Step, ...]

    @property
    def list(self) -> Step:
        return self.way[-1]

    @property
    def item(self) -> GraphQLObjectType:
        target = self.list.target
        return get_named_type(target.fields["nodes"].type) if self.list.is_connection else target  # type: ignore[return-value]

    @property
    def below(self) -> list[Step]:
        """The edges and lists of an item."""
        return [step for step in steps(self.item) if _is_free(step) or step.title in ARGUMENTS]

    @property
    def grows(self) -> bool:
        return any("first" in step.field.args for step in self.way)

    def document(self, size: int) -> str:
        inner = " ".join([leaves(self.item), *(step.asked(2, _shallow(step)) for step in steps(self.item))])
        if self.list.is_connection:
            inner = f"totalCount pageInfo {{ hasNextPage }} nodes {{ {inner} }}"
        for step in reversed(self.way):
            inner = step.asked(size, inner)
        variables = "($dataset: ID!) " if "$dataset" in inner else ""
        return f"query{variables} {{ {inner} }}"

    @property
    def most(self) -> int:
        """One statement for each level and each edge, one for each count."""
        edges = [*self.way, *steps(self.item)]
        leaves_ = [f"{self.item.name}.{name}" for name in _leaf_names(self.item)]
        leaves_ += [f"{of.name}.{name}" for of in map(_shown, steps(self.item)) for name in _leaf_names(of)]
        return sum(step.reads for step in edges) + self.list.is_connection + len([1 for x in leaves_ if x in READ_TOO])


def cases(schema: GraphQLSchema) -> list[Case]:
    """One for each list that Query leads to, along the shortest way that has lists in it."""
    assert schema.query_type
    found, known = [], {schema.query_type.name}
    ways: list[tuple[Step, ...]] = [()]
    while ways:
        way = ways.pop(0)
        here = way[-1].target if way else schema.query_type
        for step in sorted(steps(here), key=lambda step: not (step.is_connection or step.name == "nodes")):
            if step.title in _PASSED_BY:
                continue
            if step.is_list:
                found.append(Case((*way, step)))
            if step.target.name not in known:
                known.add(step.target.name)
                ways.append((*way, step))
    return found


def steps(parent: GraphQLObjectType) -> list[Step]:
    found = (Step(parent, name, field) for name, field in parent.fields.items())
    return [step for step in found if is_object_type(get_named_type(step.field.type))]


def is_connection(type_: GraphQLObjectType) -> bool:
    return type_.name.endswith("Connection")


def leaves(type_: GraphQLObjectType) -> str:
    return " ".join(_leaf_names(type_)) or "__typename"


def _leaf_names(type_: GraphQLObjectType) -> Iterator[str]:
    return (name for name, field in type_.fields.items() if is_leaf_type(get_named_type(field.type)) and not field.args)


def _is_free(step: Step) -> bool:
    return not any(is_required_argument(value) for value in step.field.args.values())


def _shown(step: Step) -> GraphQLObjectType:
    return get_named_type(step.target.fields["nodes"].type) if step.is_connection else step.target  # type: ignore[return-value]


def _shallow(step: Step) -> str:
    inner = leaves(_shown(step))
    return f"nodes {{ {inner} }}" if step.is_connection else inner
