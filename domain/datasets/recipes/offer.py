"""Which kinds of steps there are, and how to find one."""

from __future__ import annotations

from domain.catalogue.wording import hint
from domain.datasets.recipes.kinds.cleaning import CLEANING
from domain.datasets.recipes.kinds.features import FEATURES
from domain.datasets.recipes.kinds.indicators import INDICATORS
from domain.datasets.recipes.kinds.shape import SHAPE
from domain.datasets.recipes.model import StepKind
from domain.errors import Code, Refused
from domain.text import readable

_KINDS: dict[str, StepKind] = {kind.name: kind for kind in (*CLEANING, *FEATURES, *INDICATORS, *SHAPE)}


def step_kinds() -> tuple[StepKind, ...]:
    return tuple(_KINDS.values())


def step_kind(name: str, *path: str) -> StepKind:
    """The kind of this name, or a refusal that says what there is."""
    if name in _KINDS:
        return _KINDS[name]
    message = f'There is no step "{readable(name)}".{hint(name, _KINDS)} Choose one of: {", ".join(_KINDS)}.'
    raise Refused.because(Code.UNKNOWN, message, *path)
