"""How a field's values are got from the objects that have it, a column at a time.

A raised exception becomes a value of the column; completing it puts the error where it belongs.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from operator import attrgetter
from types import FunctionType
from typing import TYPE_CHECKING, Any, cast

from graphql import GraphQLField, GraphQLSchema
from strawberry import Schema
from strawberry.schema.schema_converter import GraphQLCoreConverter
from strawberry.types.arguments import convert_arguments
from strawberry.types.field import StrawberryField
from strawberry.types.fields.resolver import StrawberryResolver
from strawberry.types.info import Info

from graph.execution.columns import Coming, whole_of
from graph.execution.guards import Guard
from graph.execution.info import LazyInfo
from graph.execution.kinds import constant
from graph.execution.where import Column, Where

if TYPE_CHECKING:
    from graph.execution.plan import Field
    from graph.execution.run import Run

Resolve = Callable[["Run", "Field", Column, Where], Column | Coming]
BACKREF = GraphQLCoreConverter.DEFINITION_BACKREF
_ALIKE = StrawberryField.get_result


def resolver_of(schema: GraphQLSchema, field: GraphQLField) -> Resolve:
    """The shortest way to the values of a field that means the same as Strawberry's own."""
    house: Schema | None = schema.extensions.get(BACKREF)
    definition = field.extensions.get(BACKREF)
    if house is None or not isinstance(definition, StrawberryField):
        return _wrapped
    if type(definition).get_result is not _ALIKE or house.config.info_class is not Info or house.exception_handlers:
        return _wrapped
    if definition.is_subscription and not definition.extensions:
        return _event
    guards = [extension for extension in definition.extensions if isinstance(extension, Guard)]
    if len(guards) < len(definition.extensions) or definition.is_subscription:
        return _wrapped
    if definition.base_resolver is None and house.config.default_resolver is not getattr:
        return _wrapped
    resolve = _shortest(definition)
    return Guarded(guards, resolve) if guards else resolve


def _shortest(definition: StrawberryField) -> Resolve:
    resolver = definition.base_resolver
    if resolver is None:
        return _attribute(definition.python_name)
    whole = whole_of(resolver.wrapped_func)
    return Direct(definition, resolver) if whole is None else Columnwise(definition, whole)


def constant_of(value: str) -> Resolve:
    def column(run: Run, field: Field, sources: Column, where: Where) -> Column:  # noqa: ARG001
        return [value] * len(sources)

    return column


def _event(run: Run, field: Field, sources: Column, where: Where) -> Column:  # noqa: ARG001
    return list(sources)


def _attempt(call: Callable[..., Any], *args: Any) -> Any:
    try:
        return call(*args)
    except Exception as error:  # noqa: BLE001 - resolvers may raise anything; it is an error of this one value
        return error


def _attribute(name: str) -> Resolve:
    get = attrgetter(name)

    def column(run: Run, field: Field, sources: Column, where: Where) -> Column:  # noqa: ARG001
        try:
            return list(map(get, sources))
        except Exception:  # noqa: BLE001 - one by one, the others still have their values
            return [_attempt(get, source) for source in sources]

    return column


def _wrapped(run: Run, field: Field, sources: Column, where: Where) -> Column:
    """By way of the library: extensions, permissions, introspection, whatever is unusual."""
    resolve = field.definition.resolve or run.executor.field_resolver

    def call(index: int, source: Any) -> Any:
        return resolve(source, run.raw_info(field, where, index), **run.arguments(field))

    return [_attempt(call, index, source) for index, source in enumerate(sources)]


def _converted(
    definition: StrawberryField, run: Run, field: Field, where: Where, given: dict[str, Any]
) -> dict[str, Any]:
    info = LazyInfo(run, field, definition, where, 0)
    return convert_arguments(given, definition.arguments, run.scalars, run.config, info)


class Guarded:
    """A resolver behind guards."""

    def __init__(self, guards: Sequence[Guard], resolve: Resolve) -> None:
        self._guards = guards
        self._resolve = resolve

    def __call__(self, run: Run, field: Field, sources: Column, where: Where) -> Column | Coming:
        try:
            for guard in self._guards:
                guard.check(run.context)
        except Exception as error:  # noqa: BLE001 - it fails every value of this field
            return [error] * len(sources)
        return self._resolve(run, field, sources, where)


class Columnwise:
    """A resolver that takes all parents at once."""

    def __init__(self, definition: StrawberryField, function: Callable[..., Any]) -> None:
        self._definition = definition
        self._function = function

    def __call__(self, run: Run, field: Field, sources: Column, where: Where) -> Column | Coming:
        try:
            given = run.arguments(field) if self._definition.arguments else {}
            arguments = _converted(self._definition, run, field, where, given) if given else {}
            values = self._function(sources, LazyInfo(run, field, self._definition, where, 0), **arguments)
        except Exception as error:  # noqa: BLE001 - it fails every value of this field
            return [error] * len(sources)
        return values if isinstance(values, list) else Coming(values)


class Direct:
    """A resolver function, called without the layers between."""

    def __init__(self, definition: StrawberryField, resolver: StrawberryResolver[Any]) -> None:
        self._definition = definition
        self._function = cast("Callable[..., Any]", resolver.wrapped_func)
        self._arguments = definition.arguments
        parent = resolver.self_parameter or resolver.parent_parameter or resolver.root_parameter
        info = resolver.info_parameter
        taken = [found for found in (parent, info) if found is not None]
        self._has_info = info is not None
        self._by_position = (
            isinstance(self._function, FunctionType)
            and parent is not None
            and list(resolver.signature.parameters.values()) == taken
            and all(parameter.kind is parameter.POSITIONAL_OR_KEYWORD for parameter in taken)
        )
        self._parents = [
            found.name for found in (resolver.parent_parameter, resolver.root_parameter) if found is not None
        ]
        self._takes_self = resolver.self_parameter is not None
        self._info_name = info.name if info else ""

    def __call__(self, run: Run, field: Field, sources: Column, where: Where) -> Column:
        if self._arguments:
            return self._with_arguments(run, field, sources, where)
        if not self._by_position:
            return [_attempt(self._call, run, field, where, i, source, {}) for i, source in enumerate(sources)]
        if not self._has_info:
            return [_attempt(self._function, source) for source in sources]
        definition = self._definition
        return [
            _attempt(self._function, source, LazyInfo(run, field, definition, where, index))
            for index, source in enumerate(sources)
        ]

    def _with_arguments(self, run: Run, field: Field, sources: Column, where: Where) -> Column:
        try:
            given = run.arguments(field)
            wanted = _converted(self._definition, run, field, where, given)
        except Exception as error:  # noqa: BLE001 - it fails every value of this field
            return [error] * len(sources)
        shared = all(constant(type(value)) for value in wanted.values())

        def call(index: int, source: Any) -> Any:
            own = wanted if shared or index == 0 else _converted(self._definition, run, field, where, given)
            return self._call(run, field, where, index, source, own)

        return [_attempt(call, index, source) for index, source in enumerate(sources)]

    def _call(self, run: Run, field: Field, where: Where, index: int, source: Any, arguments: dict[str, Any]) -> Any:
        named = {**arguments, **dict.fromkeys(self._parents, source)}
        if self._has_info:
            named[self._info_name] = LazyInfo(run, field, self._definition, where, index)
        return self._function(source, **named) if self._takes_self else self._function(**named)
