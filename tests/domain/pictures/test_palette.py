"""Colours can be read, and told apart by those who see fewer of them."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from domain.pictures.names import Theme
from domain.pictures.palette import COLOURS, LEVELS, STRONG, contrast, luminance, sheet
from domain.pictures.styles import REGIMES

both_themes = pytest.mark.parametrize("colours", [COLOURS[Theme.LIGHT], COLOURS[Theme.DARK]])
READABLE, SEEN, FAR = 4.5, 3.0, 15.0
# How red and green blind people see, in linear light (Vienot, Brettel and Mollon 1999).
_BLIND = {
    "protan": ((0.11238, 0.88762, 0.0), (0.11238, 0.88762, 0.0), (0.00401, -0.00401, 1.0)),
    "deutan": ((0.29275, 0.70725, 0.0), (0.29275, 0.70725, 0.0), (-0.02234, 0.02234, 1.0)),
}


def test_contrast_is_that_of_wcag() -> None:
    assert luminance("#ffffff") == pytest.approx(1.0)
    assert contrast("#000000", "#ffffff") == pytest.approx(21.0)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.478, abs=0.001)


@both_themes
def test_all_words_can_be_read(colours: dict[str, str]) -> None:
    on_paper = ["ink", "muted", "base", "loss", "gain", *(f"c{place}" for place in range(STRONG))]
    assert {name for name in on_paper if contrast(colours[name], colours["paper"]) < READABLE} == set()
    levels = range(-LEVELS, LEVELS + 1)
    assert {level for level in levels if contrast(colours[f"t{level}"], colours[f"h{level}"]) < READABLE} == set()


@both_themes
def test_a_price_is_seen_over_each_regime(colours: dict[str, str]) -> None:
    assert {name for name in REGIMES if contrast(colours["ink"], colours[name]) < SEEN} == set()
    assert len({colours[name] for name in REGIMES}) == len(REGIMES)


@both_themes
def test_heat_grows_darker_or_lighter_step_by_step(colours: dict[str, str]) -> None:
    for side in (-1, 1):
        away = [contrast(colours[f"h{side * level}"], colours["paper"]) for level in range(1, LEVELS + 1)]
        assert away == sorted(away)


@both_themes
@pytest.mark.parametrize("blindness", [None, *_BLIND])
def test_the_colours_without_dashes_differ_for_all_eyes(colours: dict[str, str], blindness: str | None) -> None:
    seen = {f"c{place}": _lab(colours[f"c{place}"], blindness) for place in range(STRONG // 2)}
    near = {(one, other) for one, other in combinations(seen, 2) if np.linalg.norm(seen[one] - seen[other]) < FAR}
    assert near == set()
    gain, loss = (_lab(colours[name], blindness) for name in ("gain", "loss"))
    assert np.linalg.norm(gain - loss) > 3 * FAR


def test_both_themes_name_the_same_colours() -> None:
    assert COLOURS[Theme.LIGHT].keys() == COLOURS[Theme.DARK].keys()


def test_a_sheet_holds_within_its_root() -> None:
    rules = [("", "font-size:12px"), (".a", "fill:var(--ink)")]
    assert sheet("#r", rules, Theme.LIGHT) == "#r{font-size:12px}#r .a{fill:#16191f}"
    assert sheet("#r", rules, Theme.DARK) == "#r{font-size:12px}#r .a{fill:#eceef1}"
    assert sheet("#r", rules, Theme.AUTO) == (
        "#r{--ink:#16191f}@media screen and (prefers-color-scheme:dark){#r{--ink:#eceef1}}"
        "#r{font-size:12px}#r .a{fill:var(--ink)}"
    )


def _lab(colour: str, blindness: str | None) -> np.ndarray:
    parts = np.array([int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)])
    linear = np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)
    if blindness is not None:
        linear = np.clip(np.array(_BLIND[blindness]) @ linear, 0.0, 1.0)
    to_xyz = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
    x, y, z = np.cbrt(np.maximum(to_xyz @ linear / np.array([0.9505, 1.0, 1.089]), 1e-6))
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])
