"""Every list in the schema, as a query that asks for it and for everything one level below."""

from __future__ import annotations

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
    "Query.compareJobs": 'ids: $jobs, names: ["sharpe", "loss"]',
    "Query.compareModels": "ids: $models",
    "Strategy.diff": "from: 1",
    "Query.evaluationSeries": 'evaluationId: $evaluation, key: "model-1", name: EQUITY',
    "Query.evaluationPositions": 'evaluationId: $evaluation, key: "model-1"',
    "Query.evaluationTrades": "evaluationId: $evaluation",
    "Query.evaluationPicture": "evaluationId: $evaluation, kind: EQUITY",
}
"""For fields that cannot be asked without."""

VARIABLES = {"dataset": "ID!", "evaluation": "ID!", "jobs": "[ID!]!", "models": "[ID!]!"}
"""What they are asked with."""

READ_TOO = {
    "Query.systemConfigs": 1,
    "Query.systemStatus": 1,
    # The dataset, and where its bytes are.
    "Query.datasetPreview": 2,
    "Query.datasetSeries": 2,
    # The jobs, and what was measured.
    "Query.compareJobs": 2,
    "Query.compareModels": 1,
    # The evaluation, and where its bytes are.
    "Query.evaluationSeries": 2,
    "Query.evaluationPositions": 2,
    "Query.evaluationTrades": 2,
    "Evaluation.status": 1,
    # Which ones, and they themselves.
    "Evaluation.models": 2,
    "Query.notificationChoices": 1,
    "Job.queuePosition": 1,
    "Job.artefacts": 1,
    "Job.metrics": 1,
    "Job.events": 1,
    "Model.card": 1,
    "Project.myRole": 1,
    "Project.ranking": 1,
    "Strategy.ranking": 1,
    "Dataset.leaderboard": 1,
    # Where its bytes are; and of a job, first what it made.
    "Model.performanceAnalysis": 1,
    "Model.riskAnalysis": 1,
    "Evaluation.performanceAnalysis": 1,
    "Evaluation.riskAnalysis": 1,
    "Job.performanceAnalysis": 2,
    "Job.riskAnalysis": 2,
    "Dataset.files": 1,
    "Dataset.report": 1,
    "Dataset.findings": 1,
    "Dataset.correction": 1,
    "Dataset.recipe": 1,
    "Dataset.manifest": 1,
    "Strategy.diff": 1,
}
"""How many statements there are behind what is no connection and no edge to a node."""

_PASSED_BY = {"Query.node", "Query.viewer", "Query.tradeMasterOffer"}
"""Ways to a single object that others lead to in numbers; and what another service tells, without a database."""


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
    def statements(self) -> int:
        """How many it may need."""
        is_edge = any(interface.name == "Node" for interface in self.target.interfaces)
        is_read = self.is_connection or (is_edge and not is_connection(self.parent))
        return READ_TOO.get(self.title, int(is_read))

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
        return _item(self.list)

    @property
    def grows(self) -> bool:
        return any("first" in step.field.args for step in self.way)

    def document(self, size: int) -> str:
        inner = " ".join([*_leaves(self.item), *(step.asked(2, _shallow(step)) for step in steps(self.item))])
        if self.list.is_connection:
            inner = f"totalCount pageInfo {{ hasNextPage }} nodes {{ {inner} }}"
        for step in reversed(self.way):
            inner = step.asked(size, inner)
        declared = ", ".join(f"${name}: {type_}" for name, type_ in VARIABLES.items() if f"${name}" in inner)
        return f"query{f'({declared})' if declared else ''} {{ {inner} }}"

    @property
    def most(self) -> int:
        """How many statements are enough: one for each level and each edge, and one for the count."""
        own = sum(READ_TOO.get(f"{self.item.name}.{name}", 0) for name in _leaves(self.item))
        return own + sum(step.statements for step in (*self.way, *steps(self.item))) + self.list.is_connection


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


def _leaves(type_: GraphQLObjectType) -> list[str]:
    found = (name for name, field in type_.fields.items() if is_leaf_type(get_named_type(field.type)))
    return [name for name in found if not type_.fields[name].args]


def _shallow(step: Step) -> str:
    """What an edge or a list shows of itself, without reading more."""
    item = _item(step)
    inner = " ".join(name for name in _leaves(item) if f"{item.name}.{name}" not in READ_TOO)
    return f"nodes {{ {inner} }}" if step.is_connection else inner


def _item(step: Step) -> GraphQLObjectType:
    item = get_named_type(step.target.fields["nodes"].type) if step.is_connection else step.target
    assert isinstance(item, GraphQLObjectType)
    return item
