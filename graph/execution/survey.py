"""How large a document is: counted on the text as it stands, before anything else is spent on it."""

from __future__ import annotations

from collections.abc import Mapping

from graphql import (
    BooleanValueNode,
    DirectiveNode,
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLIncludeDirective,
    GraphQLNamedType,
    GraphQLSchema,
    GraphQLSkipDirective,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
    VariableNode,
    get_named_type,
    is_composite_type,
)

from graph.execution.limits import (
    MAX_DIRECTIVES,
    MAX_DIRECTIVES_IN_ONE_PLACE,
    MAX_FIELDS,
    MAX_REPEATS,
    Limits,
    TooComplex,
)
from graph.execution.price import Price, price_of
