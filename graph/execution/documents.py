"""Documents that were parsed, measured and found valid, kept with all that was worked out about them."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from typing import Any

from graphql import (
    DocumentNode,
    GraphQLError,
    GraphQLSchema,
    GraphQLSyntaxError,
    NoSchemaIntrospectionCustomRule,
    OperationDefinitionNode,
    parse,
    specified_rules,
    validate,
)
from strawberry.schema.validation_rules.maybe_null import MaybeNullValidationRule
from strawberry.schema.validation_rules.one_of import OneOfInputValidationRule

from graph.errors import ErrorCode, coded
from graph.execution.glance import glance
from graph.execution.limits import MAX_VALIDATION_ERRORS, Limits, TooComplex
from graph.execution.plan import OperationPlan
from graph.execution.price import Price
from graph.execution.sharing import Sharing, Sharings
from graph.execution.survey import Survey

_RULES = (*specified_rules, MaybeNullValidationRule, OneOfInputValidationRule)
# How graphql-core's parser says that a document has more tokens than it was allowed to.
_PARSER_LIMIT = "tokens. Parsing aborted."


class Refusal(Exception):
    """A request that is not executed."""

    def __init__(self, errors: list[GraphQLError]) -> None:
        super().__init__("; ".join(error.message for error in errors))
        self.errors = errors


class Operation:
    """An operation of a document, with its plan and its price."""

    def __init__(self, schema: GraphQLSchema, document: Document, node: OperationDefinitionNode, price: Price) -> None:
        self.document = document
        self.node = node
        self.plan = OperationPlan(document.conditions)
        self._schema = schema
        self._full_price = price
        self._sharings: Sharings | None = None

    @property
    def name(self) -> str | None:
        return self.node.name.value if self.node.name else None

    @property
    def lists(self) -> bool:
        """Whether pages of anything are asked for."""
        return self._full_price.pages

    def sharing(self, variables: Mapping[str, Any]) -> Sharing:
        """Of a subscription: all to whom the answer to an event is the same."""
        if self._sharings is None:
            self._sharings = Sharings(self._schema, self.document.node, self.node)
        return self._sharings.of(variables)

    def cost(self, variables: Mapping[str, Any]) -> int:
        """What it costs with these variables; not more than the limit, or it is refused."""
        variant = self.plan.variant(variables)
        price = variant.price = variant.price or self._price(variables)
        cost = price.total(variables) if price.varies else price.fixed
        limit = self.document.limits.max_cost
        if cost > limit:
            message = f"The operation costs {cost}, and {limit} is the limit. Ask for shorter pages or fewer levels."
            error = TooComplex(message, cost=cost, limit=limit)
            raise Refusal([error.located(self.node)])
        return cost

    def _price(self, variables: Mapping[str, Any]) -> Price:
        document = self.document
        if not document.conditions:
            return self._full_price
        return Survey(self._schema, document.node, document.limits, variables).price(self.node)


class Document:
    """A document that may be executed."""

    def __init__(self, schema: GraphQLSchema, node: DocumentNode, limits: Limits) -> None:
        """Raises TooComplex."""
        self.node = node
        self.limits = limits
        self.conditions = glance(node, limits)
        survey = Survey(schema, node, limits)
        self._operations = {
            definition.name.value if definition.name else None: Operation(
                schema, self, definition, survey.price(definition)
            )
            for definition in node.definitions
            if isinstance(definition, OperationDefinitionNode)
        }

    def operation(self, name: str | None) -> Operation | None:
        if name is None and len(self._operations) == 1:
            return next(iter(self._operations.values()))
        return self._operations.get(name)


class Documents:
    """The documents of a schema, the latest used of them cached."""

    def __init__(
        self, schema: GraphQLSchema, limits: Limits, *, most: int = 1_000, most_characters: int = 500_000
    ) -> None:
        self._schema = schema
        self._limits = limits
        self._rules = _RULES if limits.introspection else (*_RULES, NoSchemaIntrospectionCustomRule)
        self._most = most
        self._most_characters = most_characters
        self._characters = 0
        self._kept: OrderedDict[str, Document] = OrderedDict()

    def __len__(self) -> int:
        return len(self._kept)

    def read(self, text: str) -> Document:
        """The document of that text, or a Refusal."""
        document = self._kept.get(text)
        if document is None:
            document = self._checked(text)
            self._keep(text, document)
        else:
            self._kept.move_to_end(text)
        return document

    def _keep(self, text: str, document: Document) -> None:
        self._kept[text] = document
        self._characters += len(text)
        # By size too: a parsed document is some hundred times as large as its text.
        while len(self._kept) > self._most or self._characters > self._most_characters:
            oldest, _ = self._kept.popitem(last=False)
            self._characters -= len(oldest)

    def _checked(self, text: str) -> Document:
        node = self._parsed(text)
        try:
            document = Document(self._schema, node, self._limits)
        except TooComplex as error:
            raise Refusal([error.located()]) from None
        hide = not self._limits.introspection
        errors = validate(self._schema, node, self._rules, MAX_VALIDATION_ERRORS, hide_suggestions=hide)
        if errors:
            raise Refusal([coded(error, ErrorCode.GRAPHQL_VALIDATION_FAILED) for error in errors])
        return document

    def _parsed(self, text: str) -> DocumentNode:
        limit = self._limits.max_tokens
        try:
            return parse(text, max_tokens=limit)
        except GraphQLSyntaxError as error:
            if error.description.endswith(_PARSER_LIMIT):
                message = f"The document has more than {limit} tokens."
                raise Refusal([TooComplex(message, limit=limit).located()]) from None
            raise Refusal([coded(error, ErrorCode.GRAPHQL_PARSE_FAILED)]) from None
