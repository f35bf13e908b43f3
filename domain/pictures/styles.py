"""What each class of element looks like; a picture takes along those that it uses."""

from __future__ import annotations

from collections.abc import Iterable

from domain.pictures.palette import BASELINES, LEVELS, STRONG
from domain.pictures.texts import LABEL, TICK, TITLE

FONTS = 'system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue","Noto Sans",Arial,sans-serif'
ROOT = f"font-family:{FONTS};font-size:{LABEL}px;font-variant-numeric:tabular-nums"
_LINE = "fill:none;stroke-linejoin:round;stroke-width:"
_DASHES = ("6 3", "2 2.5", "9 3 2 3", "2 5")
REGIMES = ("rising_calm", "rising_wild", "sideways_calm", "sideways_wild", "falling_calm", "falling_wild")

STYLES = {
    "paper": "fill:var(--paper)",
    "title": f"fill:var(--ink);font-size:{TITLE}px;font-weight:600",
    "sub": "fill:var(--muted)",
    "tick": f"fill:var(--muted);font-size:{TICK}px",
    "label": "fill:var(--ink)",
    "strong": "fill:var(--ink);font-weight:600",
    "quiet": "fill:var(--muted)",
    "grid": "stroke:var(--grid)",
    "axis": "stroke:var(--axis)",
    "zero": "stroke:var(--muted)",
    "unknown": "fill:none;stroke:var(--grid)",
    "price": f"{_LINE}1.5;stroke:var(--ink)",
    "price-dot": "fill:none;stroke:var(--ink);stroke-width:5;stroke-linecap:round",
    "price-speck": "fill:none;stroke:var(--ink);stroke-width:2.4;stroke-linecap:round",
    "gain": "fill:var(--gain);stroke:var(--paper);stroke-width:.8",
    "loss": "fill:var(--loss);stroke:var(--paper);stroke-width:.8",
    "gain-hollow": "fill:var(--paper);stroke:var(--gain);stroke-width:1.4",
    "loss-hollow": "fill:var(--paper);stroke:var(--loss);stroke-width:1.4",
    "tail": "fill:var(--ink)",
    "tail-line": "stroke:var(--ink);stroke-width:1.4;stroke-dasharray:4 2.5",
    "tail-text": f"fill:var(--ink);font-size:{TICK}px",
    "trained": "fill:var(--others)",
    "tested": "fill:var(--ink)",
    "others": "fill:var(--others);stroke:var(--paper);stroke-width:.6",
    "cash": "fill:var(--grid);stroke:var(--paper);stroke-width:.6",
    "ring": "fill:none;stroke:var(--others)",
}


def _entries() -> Iterable[tuple[str, str]]:
    for place in range(STRONG):
        # Hues are hard to tell apart beyond five: the others have a long dash as well.
        dash = ";stroke-dasharray:11 2.5" if place >= STRONG // 2 else ""
        yield from _entry(f"c{place}", f"var(--c{place})", "1.7", dash)
    for place in range(BASELINES):
        yield from _entry(f"b{place}", "var(--base)", "1.4", f";stroke-dasharray:{_DASHES[place]}")


def _entry(key: str, colour: str, wide: str, dash: str) -> Iterable[tuple[str, str]]:
    yield f"line-{key}", f"{_LINE}{wide};stroke:{colour}{dash}"
    yield f"thin-{key}", f"{_LINE}1.1;stroke:{colour}{dash}"
    yield f"stack-{key}", f"fill:{colour};stroke:var(--paper);stroke-width:.6"
    yield f"dot-{key}", f"fill:none;stroke:{colour};stroke-width:5;stroke-linecap:round"
    yield f"speck-{key}", f"fill:none;stroke:{colour};stroke-width:2.6;stroke-linecap:round"
    yield f"fill-{key}", f"fill:{colour}"
    yield f"area-{key}", f"fill:{colour};fill-opacity:.16"
    yield f"text-{key}", f"fill:{colour};font-weight:600"
    yield f"hollow-{key}", f"fill:var(--paper);stroke:{colour};stroke-width:1.8"
    yield f"lead-{key}", f"fill:none;stroke:{colour};stroke-opacity:.55"
    yield f"range-{key}", f"stroke:{colour};stroke-width:2.5;stroke-linecap:round"
    yield f"faint-{key}", f"stroke:{colour};stroke-width:2.5;stroke-linecap:round;stroke-opacity:.5"


STYLES.update(_entries())
STYLES.update({f"heat{level}": f"fill:var(--h{level})" for level in range(-LEVELS, LEVELS + 1)})
STYLES.update({f"on{level}": f"fill:var(--t{level})" for level in range(-LEVELS, LEVELS + 1)})
STYLES.update({name: f"fill:var(--{name})" for name in REGIMES})
