"""Builds pages as trees, so that whatever people called their things is text and never markup."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from xml.etree import ElementTree as ET

Child = ET.Element | str | None
_SPACES = "\n\u00a0"
_SVG = "{http://www.w3.org/2000/svg}"


def el(tag: str, *children: Child, **attributes: str) -> ET.Element:
    """`class_` becomes class; a child of None is left out."""
    made = ET.Element(tag, {name.rstrip("_").replace("_", "-"): value for name, value in attributes.items()})
    for child in children:
        _append(made, child)
    return made


def paragraphs(texts: Iterable[str], **attributes: str) -> list[ET.Element]:
    return [el("p", text, **attributes) for text in texts]


def table(heads: Sequence[str], rows: Iterable[Sequence[Child]], caption: str) -> ET.Element:
    """The first cell of a row is its head. It scrolls by itself where it is wider than the page."""
    head = el("tr", *(el("th", each, scope="col") for each in heads))
    body = [el("tr", el("th", row[0], scope="row"), *(el("td", cell) for cell in row[1:])) for row in rows]
    made = el("table", el("caption", caption), el("thead", head), el("tbody", *body))
    return el("div", made, class_="wide")


def inlined(svg: str) -> ET.Element:
    """A picture as part of the page, where elements need no namespace."""
    root = ET.fromstring(svg)  # noqa: S314 - our own
    for each in root.iter():
        each.tag = each.tag.removeprefix(_SVG)
    return root


def page(root: ET.Element) -> str:
    return "<!doctype html>\n" + ET.tostring(root, encoding="unicode", method="html") + "\n"


def _append(parent: ET.Element, child: Child) -> None:
    if child is None:
        return
    if isinstance(child, ET.Element):
        parent.append(child)
    elif len(parent):
        parent[-1].tail = (parent[-1].tail or "") + _shown(child)
    else:
        parent.text = (parent.text or "") + _shown(child)


def _shown(text: str) -> str:
    """Without what cannot be seen, or turns the direction of a line, so that one name can pass for another."""
    return "".join(letter for letter in text if letter.isprintable() or letter in _SPACES)
