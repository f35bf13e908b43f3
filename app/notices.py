"""Where people see in a browser what a letter tells of."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import quote

from domain.notifications.model import Subject
from graph.ids import encode

_SHOWN = {"Job": "name status progress error { message }", "Dataset": "name status", "Project": "name"}


def addresses(public_url: str) -> Callable[[Subject], str]:
    """GraphiQL, with a query that shows the object."""

    def address_of(subject: Subject) -> str:
        fields = f" ... on {subject.type} {{ {_SHOWN[subject.type]} }}" if subject.type in _SHOWN else ""
        query = f'{{ node(id: "{encode(subject.type, subject.id)}") {{ __typename id{fields} }} }}'
        return f"{public_url}/graphql?query={quote(query)}"

    return address_of
