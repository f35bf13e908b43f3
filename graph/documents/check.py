"""Whether a document would be admitted by the schema."""

from graphql import GraphQLError

from graph.execution.documents import Documents, Refusal


def faults(documents: Documents, text: str) -> list[str]:
    """What keeps it from being run: its syntax, the schema or the limits."""
    try:
        documents.read(text)
    except Refusal as refusal:
        return [_located(error) for error in refusal.errors]
    return []


def _located(error: GraphQLError) -> str:
    place = error.locations[0] if error.locations else None
    return f"Line {place.line}, column {place.column}: {error.message}" if place else error.message


__all__ = ["faults"]
