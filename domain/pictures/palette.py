"""All colours, for a light and a dark paper, and the style sheet that is made of them."""

from __future__ import annotations

import re
from collections.abc import Iterable

from domain.pictures.names import Theme

LIGHT = {
    "paper": "#ffffff",
    "ink": "#16191f",
    "muted": "#59606c",
    "grid": "#e3e6eb",
    "axis": "#8d95a1",
    "base": "#666d79",
    "others": "#b7bdc7",
    "gain": "#0a66b7",
    "loss": "#c4420b",
    "c0": "#0a66b7",
    "c1": "#c4420b",
    "c2": "#087a5b",
    "c3": "#6a1b7a",
    "c4": "#54390f",
    "c5": "#0b7690",
    "c6": "#b3246a",
    "c7": "#4a4fc9",
    "c8": "#5d6a00",
    "c9": "#7b4b2a",
    "rising_calm": "#d5e7f7",
    "rising_wild": "#97c3ea",
    "sideways_calm": "#eceef1",
    "sideways_wild": "#c9ced6",
    "falling_calm": "#fbe1d0",
    "falling_wild": "#f2b287",
}
DARK = {
    "paper": "#14171c",
    "ink": "#eceef1",
    "muted": "#a3abb8",
    "grid": "#2b313a",
    "axis": "#626b79",
    "base": "#98a0ad",
    "others": "#565f6d",
    "gain": "#5aa9f0",
    "loss": "#f2854b",
    "c0": "#5aa9f0",
    "c1": "#f2854b",
    "c2": "#2fc49a",
    "c3": "#e2c4ff",
    "c4": "#f2c94c",
    "c5": "#3fc3dc",
    "c6": "#f07ab0",
    "c7": "#9aa0ff",
    "c8": "#b5c34a",
    "c9": "#d3a07c",
    "rising_calm": "#18314a",
    "rising_wild": "#255a8c",
    "sideways_calm": "#23282f",
    "sideways_wild": "#474e5a",
    "falling_calm": "#42261a",
    "falling_wild": "#87441f",
}
STRONG, BASELINES, LEVELS = 10, 4, 5
"""How many colours models have, how many dashes baselines have, and how many shades gains and losses have each."""


def _mixed(one: str, other: str, part: float) -> str:
    pairs = zip(_parts(one), _parts(other), strict=True)
    return "#" + "".join(f"{round(first + (second - first) * part):02x}" for first, second in pairs)


def _parts(colour: str) -> tuple[int, ...]:
    return tuple(int(colour[place : place + 2], 16) for place in (1, 3, 5))


def luminance(colour: str) -> float:
    """As WCAG 2 defines it."""
    parts = (part / 255 for part in _parts(colour))
    red, green, blue = (part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def _with_levels(colours: dict[str, str]) -> dict[str, str]:
    """Shades from the paper to gain and to loss, each with the letters that are best read on it."""
    found = dict(colours)
    for level in range(-LEVELS, LEVELS + 1):
        end = colours["gain" if level > 0 else "loss"]
        shade = _mixed(colours["paper"], end, (0.0, 0.14, 0.3, 0.5, 0.75, 1.0)[abs(level)])
        found[f"h{level}"] = shade if level else colours["grid"]
        found[f"t{level}"] = _on(found[f"h{level}"])
    return found


def _on(shade: str) -> str:
    """The letters that are best read on it."""
    return max(("#ffffff", "#0b0d10"), key=lambda ink: contrast(ink, shade))


COLOURS = {Theme.LIGHT: _with_levels(LIGHT), Theme.DARK: _with_levels(DARK)}
_USED = re.compile(r"var\(--([\w-]+)\)")


def sheet(root: str, rules: Iterable[tuple[str, str]], theme: Theme) -> str:
    """`rules` are pairs of a selector and what it says, where a colour is var(--name). They hold within `root` only.

    Light and dark have their colours written out, so that programs that know no custom properties show them too.
    On paper, what is as the reader's device is set is light.
    """
    text = "".join(f"{root} {name}{{{says}}}" if name else f"{root}{{{says}}}" for name, says in rules)
    if theme is not Theme.AUTO:
        return _USED.sub(lambda found: COLOURS[theme][found[1]], text)
    used = sorted(set(_USED.findall(text)))
    dark = f"@media screen and (prefers-color-scheme:dark){{{_set(root, used, Theme.DARK)}}}"
    return _set(root, used, Theme.LIGHT) + dark + text


def _set(root: str, used: list[str], theme: Theme) -> str:
    return root + "{" + ";".join(f"--{name}:{COLOURS[theme][name]}" for name in used) + "}"
