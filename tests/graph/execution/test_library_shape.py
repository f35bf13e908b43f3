"""What we use of the libraries beyond what they promise. When one of these fails after an update, read the module it
names before touching anything else."""

from __future__ import annotations

from collections.abc import Callable
from inspect import iscoroutinefunction, signature
from typing import Any

import pytest
from graphql import GraphQLSyntaxError, parse
from graphql.execution import Executor as CoreExecutor
from graphql.execution import create_source_event_stream, map_source_to_response_event
from graphql.execution.collect_fields import CollectedFields, FieldDetails, collect_fields
from graphql.execution.executor import invalid_return_type_error
from graphql.execution.values import get_argument_values
from strawberry.schema.schema import Schema as StockSchema
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext
from strawberry.types.arguments import convert_arguments
from strawberry.types.field import StrawberryField
from strawberry.types.fields.resolver import StrawberryResolver

from graph.execution.documents import _PARSER_LIMIT
from graph.execution.resolvers import BACKREF
from graph.execution.schema import Schema
from tests.graph.execution.house import schema


@pytest.mark.parametrize(
    ("function", "parameters", "module"),
    [
        (collect_fields, "schema fragments variable_values runtime_type operation hide_suggestions", "run.py"),
        (
            get_argument_values,
            "type_def node variable_values fragment_variable_values hide_suggestions",
            "run.py",
        ),
        (CoreExecutor.collect_subfields, "self return_type field_details_list", "run.py"),
        (CoreExecutor.complete_leaf_value, "return_type result", "shapes.py"),
        (
            CoreExecutor.ensure_valid_runtime_type,
            "self runtime_type_name return_type field_details_list info result",
            "shapes.py",
        ),
        (invalid_return_type_error, "return_type result field_details_list", "shapes.py"),
        (CoreExecutor.build_resolve_info, "self field_def field_nodes parent_type path", "run.py"),
        (CoreExecutor.execute_operation, "self serially", "executor.py"),
        (CoreExecutor.build_per_event_executor, "self payload", "executor.py"),
        (create_source_event_stream, "executor", "schema.py"),
        (map_source_to_response_event, "executor source_event_stream root_selection_set_executor", "schema.py"),
        (convert_arguments, "value arguments scalar_registry config info", "resolvers.py"),
        (StrawberryField.get_result, "self source info args kwargs", "resolvers.py"),
    ],
)
def test_functions_take_what_we_give(function: Callable[..., Any], parameters: str, module: str) -> None:
    assert list(signature(function).parameters)[: len(parameters.split())] == parameters.split(), module


def test_building_an_executor_takes_what_we_give() -> None:
    wanted = "schema document root_value context_value raw_variable_values operation_name"
    parameters = list(signature(CoreExecutor.build).parameters)
    assert parameters[:6] == wanted.split(), "admission.py"
    assert {"is_awaitable", "hide_suggestions", "custom_args"} <= set(parameters), "admission.py"


def test_executors_have_the_attributes_that_a_run_reads() -> None:
    house = schema()
    executor = StrawberryGraphQLCoreExecutionContext.build(house._schema, parse("{ report }"))
    names = "schema fragments root_value context_value operation variable_values field_resolver type_resolver"
    names += " hide_suggestions abort_signal hooks middleware_manager error_propagation is_awaitable is_async_iterable"
    assert [name for name in names.split() if not hasattr(executor, name)] == [], "run.py, executor.py"
    assert FieldDetails._fields[0] == "node", "plan.py"
    assert CollectedFields._fields[0] == "grouped_field_set", "run.py"


def test_strawberry_leads_back_from_the_graph_to_its_definitions() -> None:
    house = schema()
    assert house._schema.extensions[BACKREF] is house, "resolvers.py"
    field = house._schema.query_type.fields["person"].extensions[BACKREF]  # type: ignore[union-attr]
    assert isinstance(field, StrawberryField), "resolvers.py"
    resolver = field.base_resolver
    assert isinstance(resolver, StrawberryResolver), "resolvers.py"
    for name in ("self_parameter", "parent_parameter", "root_parameter", "info_parameter", "wrapped_func", "signature"):
        assert hasattr(resolver, name), "resolvers.py"


@pytest.mark.parametrize("method", ["execute", "execute_sync", "stream", "subscribe"])
def test_transports_find_the_methods_they_know(method: str) -> None:
    ours, stock = getattr(Schema, method), getattr(StockSchema, method)
    assert list(signature(ours).parameters) == list(signature(stock).parameters), "schema.py"
    assert iscoroutinefunction(ours) == iscoroutinefunction(stock), "schema.py"


def test_the_parser_says_that_there_are_too_many_tokens_in_these_words() -> None:
    with pytest.raises(GraphQLSyntaxError) as caught:
        parse("{ a b c }", max_tokens=3)
    assert caught.value.description.endswith(_PARSER_LIMIT), "documents.py"
