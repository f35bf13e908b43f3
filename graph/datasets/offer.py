"""What data can be made of: kinds of steps, sources, and the fields of each."""

from collections.abc import Sequence

import strawberry
from strawberry import Parent
from strawberry.scalars import JSON

from domain.datasets import forms, recipes
from domain.datasets.recipes import step_kinds, step_schema
from domain.datasets.sources import Availability, request_schema
from graph.context import Info
from graph.datasets.enums import AssetClass, FieldKind, Group
from graph.fields import edge, plain
from graph.payloads import query
from graph.policy import ANYONE


def _default(parent: Parent[forms.Field]) -> JSON | None:
    default = parent.default
    return None if default is None else JSON(list(default) if isinstance(default, tuple) else default)


@strawberry.type(description="One value that you may set.")
class FormField:
    name: str = plain("Its key.")
    title: str = plain("Its name for people.")
    help: str = plain("What it does, in a sentence.")
    kind: FieldKind = plain("What sort of value it takes.")
    required: bool = plain("Whether it must be given.")
    default: JSON | None = edge(_default, "The value when you leave it out; null: none.")
    unit: str | None = plain("What it is counted in.")
    minimum: float | None = plain("Smallest value.")
    maximum: float | None = plain("Largest value.")
    exclusive_minimum: bool = plain("Whether the value must be more than `minimum`, not equal to it.")
    exclusive_maximum: bool = plain("Whether the value must be less than `maximum`, not equal to it.")
    min_items: int = plain("Fewest entries of a list or object.")
    max_items: int = plain("Most entries of a list or object.")
    choices: list[str] = plain("What can be chosen; empty where anything in range goes.")
    pattern: str | None = plain("What a text must look like, as a regular expression.")
    example: str | None = plain("A text that fits the pattern.")


@strawberry.type(description="What must hold between several fields.")
class FormRule:
    fields: list[str] = plain("Names of the fields that it binds.")
    text: str = plain("What must hold, in a sentence.")


def _name(parent: Parent[recipes.StepKind]) -> str:
    return parent.form.name


def _title(parent: Parent[recipes.StepKind]) -> str:
    return parent.form.title


def _help(parent: Parent[recipes.StepKind]) -> str:
    return parent.form.help


def _fields(parent: Parent[recipes.StepKind]) -> tuple[forms.Field, ...]:
    return parent.form.fields


def _rules(parent: Parent[recipes.StepKind]) -> Sequence[object]:
    return parent.form.rules


def _step_schema(parent: Parent[recipes.StepKind]) -> JSON:
    return JSON(step_schema(parent))


@strawberry.type(description="One thing that can be done to market data in a recipe.")
class RecipeStep:
    name: str = edge(_name, "The `kind` of such a step.")
    title: str = edge(_title, "Its name for people.")
    help: str = edge(_help, "What it does.")
    group: Group = plain("What it is for, which also says where it may stand.")
    fields: list[FormField] = edge(_fields, "What can be set, in the order of a form.")
    rules: list[FormRule] = edge(_rules, "What must hold between fields, beyond what `jsonSchema` can say.")
    json_schema: JSON = edge(_step_schema, "The step as JSON Schema (draft 2020-12): draw a form from it.")


@strawberry.type(description="What can be asked of a source.")
class SourceForm:
    name: str = strawberry.field(description="Its name; for a generator the value of `generator`.")
    title: str = strawberry.field(description="Its name for people.")
    help: str = strawberry.field(description="What it gives.")
    fields: list[FormField] = strawberry.field(description="What can be set, in the order of a form.")
    rules: list[FormRule] = strawberry.field(description="What must hold between fields.")
    json_schema: JSON = strawberry.field(description="The whole request as JSON Schema (draft 2020-12).")


def _forms(parent: Parent[Availability]) -> list[SourceForm]:
    return [
        SourceForm(
            name=form.name,
            title=form.title,
            help=form.help,
            fields=list(form.fields),  # type: ignore[arg-type]
            rules=list(form.rules),  # type: ignore[arg-type]
            json_schema=JSON(request_schema(form, parent.source)),
        )
        for form in parent.source.forms
    ]


def _source_name(parent: Parent[Availability]) -> str:
    return parent.source.name


def _source_title(parent: Parent[Availability]) -> str:
    return parent.source.title


def _summary(parent: Parent[Availability]) -> str:
    return parent.source.summary


def _asset_classes(parent: Parent[Availability]) -> tuple[AssetClass, ...]:
    return parent.source.asset_classes


def _periods(parent: Parent[Availability]) -> tuple[str, ...]:
    return parent.source.periods


def _needs_network(parent: Parent[Availability]) -> bool:
    return parent.source.needs_network


def _synthetic(parent: Parent[Availability]) -> bool:
    return parent.source.synthetic


@strawberry.type(description="A place that data comes from.")
class DataSource:
    name: str = edge(_source_name, "The `source` of a request.")
    title: str = edge(_source_title, "Its name for people.")
    summary: str = edge(_summary, "What it has.")
    available: bool = plain("Whether it can be used here.")
    remedy: str | None = plain("What the operator can do to make it available; null when it is.")
    asset_classes: list[AssetClass] = edge(_asset_classes, "What sort of prices it has.")
    periods: list[str] = edge(_periods, "How long its bars can be.")
    needs_network: bool = edge(_needs_network, "Whether it is asked over the network.")
    synthetic: bool = edge(_synthetic, "Whether it makes its data up.")
    forms: list[SourceForm] = edge(_forms, "What can be asked; one for each generator of a source that makes data up.")


async def _steps() -> Sequence[recipes.StepKind]:
    return step_kinds()


async def _sources(info: Info) -> Sequence[Availability]:
    return info.context.use.datasets.shelf.availability()


@strawberry.type
class OfferQueries:
    recipe_steps: list[RecipeStep] = query(
        _steps, policy=ANYONE, description="What can be done to market data before a training, with the fields of each."
    )
    sources: list[DataSource] = query(
        _sources, policy=ANYONE, description="Where data can be imported from, and what can be asked."
    )
