"""What a use case refused, as codes and places."""

from __future__ import annotations

from collections.abc import Awaitable

import pytest

from domain.errors import Refused


async def refused(call: Awaitable[object]) -> list[tuple[str, str]]:
    """The codes of the refusal with the dotted path of each."""
    with pytest.raises(Refused) as caught:
        await call
    return [(problem.code.value, ".".join(problem.field)) for problem in caught.value.problems]
