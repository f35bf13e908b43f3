"""What stands in the text of a document, counted at a glance."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from graphql import DirectiveNode, DocumentNode, VariableNode

from graph.execution.limits import (
    MAX_ARGUMENTS,
    MAX_DIRECTIVES,
    MAX_DIRECTIVES_IN_ONE_PLACE,
    Limits,
    TooComplex,
)


def glance(document: DocumentNode, limits: Limits) -> tuple[str, ...]:
    """Count what stands in the text. Gives the variables that @skip and @include look at."""
    aliases = directives = 0
    conditions: dict[str, None] = {}
    todo: list[Any] = list(document.definitions)
    while todo:
        node = todo.pop()
        here = node.directives or ()
        if len(here) > MAX_DIRECTIVES_IN_ONE_PLACE:
            raise TooComplex("There are too many directives in one place.", limit=MAX_DIRECTIVES_IN_ONE_PLACE)
        if len(getattr(node, "arguments", None) or ()) > MAX_ARGUMENTS:
            raise TooComplex("A field has too many arguments.", limit=MAX_ARGUMENTS)
        aliases += getattr(node, "alias", None) is not None
        directives += len(here)
        conditions.update(dict.fromkeys(_variables(here)))
        if getattr(node, "selection_set", None) is not None:
            todo.extend(node.selection_set.selections)
    if aliases > limits.max_aliases:
        raise TooComplex("The document has too many aliases.", aliases=aliases, limit=limits.max_aliases)
    if directives > MAX_DIRECTIVES:
        raise TooComplex("The document has too many directives.", directives=directives, limit=MAX_DIRECTIVES)
    return tuple(sorted(conditions))


def _variables(directives: Iterable[DirectiveNode]) -> Iterable[str]:
    for directive in directives:
        for argument in directive.arguments or ():
            if directive.name.value in ("skip", "include") and isinstance(argument.value, VariableNode):
                yield argument.value.name.value
