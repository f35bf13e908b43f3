"""Reads a drawn picture: its texts with the boxes they take, and all points of its shapes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from xml.etree import ElementTree as ET

from domain.pictures.names import Look, PictureKind, Theme
from domain.pictures.texts import width
from tests.domain.pictures.cases import CASES

SVG = "{http://www.w3.org/2000/svg}"
_SIZES = {"title": 16.0, "tick": 11.0, "tail-text": 11.0}
_BOLD = re.compile(r"title|strong|text-[bc]\d$")
_PART = re.compile(r"[MLHVlhvmzZ]|-?(?:\d+\.?\d*|\.\d+)")


@dataclass(frozen=True, slots=True)
class Words:
    text: str
    left: float
    right: float
    top: float
    bottom: float

    def touches(self, other: Words, hair: float = 0.5) -> bool:
        across = self.left + hair < other.right and other.left + hair < self.right
        return across and self.top + hair < other.bottom and other.top + hair < self.bottom


@cache
def drawn(kind: PictureKind, name: str, width: int = 800, theme: Theme = Theme.LIGHT) -> str:
    return CASES[kind][name](Look(theme, width))


@cache
def tree(kind: PictureKind, name: str, width: int = 800) -> ET.Element:
    return ET.fromstring(drawn(kind, name, width))


def child(root: ET.Element, tag: str) -> str:
    return root.findtext(SVG + tag) or ""


def called(element: ET.Element) -> str:
    """Its class without the picture's name."""
    return element.get("class", "").partition("-")[2]


def shown(element: ET.Element) -> str:
    """What is to be read, without what is only told to whoever points at it."""
    return (element.text or "") + " ".join(part.text or "" for part in element.findall(SVG + "tspan"))


def words(root: ET.Element) -> list[Words]:
    return [_words(element) for element in root.iter(SVG + "text")]


def _words(element: ET.Element) -> Words:
    name, x, y = called(element), float(element.get("x", "0")), float(element.get("y", "0"))
    size = float(element.get("font-size") or _SIZES.get(name, 12.0))
    wide = width(element.text or "", size, bool(_BOLD.match(name)))
    for part in element.findall(SVG + "tspan"):
        wide += (
            float(part.get("dx", "0"))
            + width(part.text or "", size, called(part) == "strong")
            + width(part.tail or "", size)
        )
    left = x - {"start": 0.0, "middle": wide / 2, "end": wide}[element.get("text-anchor", "start")]
    # Capitals and figures, which is all that matters to the eye.
    return Words(shown(element), left, left + wide, y - size * 0.75, y + size * 0.1)


def points(root: ET.Element) -> Iterator[tuple[float, float]]:
    for element in root.iter():
        get = {key: float(value) for key, value in element.attrib.items() if re.fullmatch(r"-?[\d.]+", value)}
        if element.tag == SVG + "rect":
            x, y = get.get("x", 0.0), get.get("y", 0.0)
            yield from ((x, y), (x + get["width"], y + get["height"]))
        elif element.tag == SVG + "line":
            yield from ((get["x1"], get["y1"]), (get["x2"], get["y2"]))
        elif element.tag == SVG + "circle":
            yield from ((get["cx"] + way * get["r"], get["cy"] + way * get["r"]) for way in (-1, 1))
        elif element.tag == SVG + "path":
            yield from walked(element.get("d", ""))


def walked(path: str) -> Iterator[tuple[float, float]]:
    parts, x, y, step = _PART.findall(path), 0.0, 0.0, ""
    start, place = (0.0, 0.0), 0
    while place < len(parts):
        if parts[place].isalpha():
            step, place = parts[place], place + 1
            if step in "zZ":
                x, y = start
                continue
        count = 1 if step in "HhVv" else 2
        given = [float(part) for part in parts[place : place + count]]
        place += count
        if step in "Hh":
            x = given[0] + (x if step == "h" else 0.0)
        elif step in "Vv":
            y = given[0] + (y if step == "v" else 0.0)
        else:
            x, y = (x + given[0], y + given[1]) if step in "lm" else (given[0], given[1])
        if step in "Mm":
            start, step = (x, y), "L" if step == "M" else "l"
        yield x, y


def paths(root: ET.Element, name: str) -> list[str]:
    return [element.get("d", "") for element in root.iter(SVG + "path") if called(element) == name]
