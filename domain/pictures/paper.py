"""The sheet that a picture is drawn on: elements by their kind, and at the end the text of the SVG."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from xml.etree import ElementTree as ET

from domain.pictures.names import NARROWEST, WIDEST, Look, PictureKind
from domain.pictures.palette import sheet
from domain.pictures.styles import ROOT, STYLES
from domain.pictures.texts import LABEL, TICK, TITLE, clean, shortened, width, wrapped

MARGIN = 14
NARROW = 560
"""Below this width legends lie beneath."""
_SIZES = {"title": TITLE, "tick": TICK, "tail-text": TICK}


def rounded(value: float) -> str:
    """With at most one decimal: a tenth of a pixel is not seen."""
    return f"{value:.1f}".removesuffix(".0") if round(value, 1) else "0"


class Paper:
    def __init__(self, kind: PictureKind, look: Look, title: str, *below: str) -> None:
        """`below` says under the title what is drawn, in which unit, when: on one line where it fits."""
        self.kind, self.theme = kind, look.theme
        self.title = clean(title) or kind.replace("_", " ").capitalize()
        self.width = min(max(look.width, NARROWEST), WIDEST)
        self.narrow = self.width < NARROW
        self.left, self.right = MARGIN, self.width - MARGIN
        self._body = ET.Element("g")
        self._used: set[str] = set()
        self.top = self._heading(below)
        """Where the picture itself may begin."""

    @property
    def room(self) -> float:
        return self.right - self.left

    def _heading(self, below: Sequence[str]) -> float:
        y = MARGIN + TITLE - 2.0
        for line in wrapped(self.title, self.room, TITLE, bold=True, most=3):
            self.text(self.left, y, line, "title", full=self.title)
            y += 20
        parts = [clean(part) for part in below if part]
        whole = ", ".join(parts)
        for part in [whole] if width(whole, LABEL) <= self.room else parts:
            for line in wrapped(part, self.room, LABEL, most=3) if part else ():
                self.text(self.left, y, line, "sub")
                y += 16
        return y

    def note(self, y: float, text: str, most: int = 4) -> float:
        """Quiet words across the picture; where they end."""
        for line in wrapped(clean(text), self.room, LABEL, most=most):
            self.text(self.left, y + LABEL, line, "quiet")
            y += 16
        return y

    def element(self, tag: str, name: str, **attributes: float | str) -> ET.Element:
        self._used.add(name)
        found = {"class": f"{self.kind}-{name}"}
        for key, value in attributes.items():
            found[key.rstrip("_").replace("_", "-")] = value if isinstance(value, str) else rounded(value)
        return ET.SubElement(self._body, tag, found)

    def line(self, x1: float, y1: float, x2: float, y2: float, name: str) -> None:
        self.element("line", name, x1=x1, y1=y1, x2=x2, y2=y2)

    def rect(self, x: float, y: float, width: float, height: float, name: str, *, says: str = "") -> None:
        self._saying(self.element("rect", name, x=x, y=y, width=width, height=height), says)

    def circle(self, x: float, y: float, radius: float, name: str, *, says: str = "") -> None:
        self._saying(self.element("circle", name, cx=x, cy=y, r=radius), says)

    def path(self, steps: str, name: str, says: str = "") -> None:
        if steps:
            self._saying(self.element("path", name, d=steps), says)

    def text(self, x: float, y: float, words: str, name: str, anchor: str = "start", *, full: str = "") -> None:
        """`full` is what was shortened to these words; it is shown to whoever points at them."""
        shown = clean(words)
        found = self.element("text", name, x=x, y=y)
        if anchor != "start":
            found.set("text-anchor", anchor)
        found.text = shown
        self._saying(found, full if clean(full) != shown else "")

    def sized(self, x: float, y: float, words: str, name: str, size: float) -> None:
        """In the middle, in letters of another size."""
        self.element("text", name, x=x, y=y, text_anchor="middle", font_size=size).text = clean(words)

    def fitted(self, x: float, y: float, words: str, name: str, room: float, *, anchor: str = "start") -> None:
        """Shortened to its room."""
        whole = clean(words)
        shown = shortened(whole, room, _SIZES.get(name, LABEL), STYLES[name].endswith("600"))
        self.text(x, y, shown, name, anchor, full=whole)

    def pair(self, x: float, y: float, name: str, value: str, room: float) -> None:
        """A name in strong letters, shortened to the room, and right after it what there is to say of it."""
        whole = clean(name)
        shown = shortened(whole, room - (width(value) + 8 if value else 0.0), LABEL, bold=True)
        found = self.element("text", "label", x=x, y=y)
        self._saying(found, whole if whole != shown else "")
        strong = ET.SubElement(found, "tspan", {"class": f"{self.kind}-strong"})
        strong.text = shown
        if value:
            strong.tail = " "
            ET.SubElement(found, "tspan", {"dx": "4"}).text = value
        self._used.add("strong")

    def _saying(self, element: ET.Element, says: str) -> None:
        if says:
            ET.SubElement(element, "title").text = clean(says)

    def done(self, bottom: float, told: Sequence[str]) -> str:
        """`told` are sentences that say to the blind what is to be seen."""
        height = rounded(round(bottom))
        drawn = ET.tostring(self._body, encoding="unicode")
        told_all = clean(" ".join(told))
        key = "\n".join((drawn, self.title, told_all, self.theme, str(self.width)))
        # By its content, so that two pictures in one page never share an id.
        name = f"{self.kind}-{hashlib.blake2b(key.encode(), digest_size=5).hexdigest()}"
        root = self._root(name, height)
        for tag, text in (("title", self.title), ("desc", told_all)):
            ET.SubElement(root, tag, {"id": f"{name}-{tag}"}).text = text
        ET.SubElement(root, "style").text = self._styles(name)
        ET.SubElement(root, "rect", {"class": f"{self.kind}-paper", "width": str(self.width), "height": height})
        root.append(self._body)
        return ET.tostring(root, encoding="unicode")

    def _root(self, name: str, height: str) -> ET.Element:
        size = {"viewBox": f"0 0 {self.width} {height}", "width": str(self.width), "height": height}
        told = {"role": "img", "aria-labelledby": f"{name}-title {name}-desc", "id": name}
        return ET.Element("svg", {"xmlns": "http://www.w3.org/2000/svg", **size, **told})

    def _styles(self, name: str) -> str:
        rules = [(f".{self.kind}-{used}", STYLES[used]) for used in sorted(self._used | {"paper"})]
        return sheet(f"#{name}", [("", ROOT), *rules], self.theme)
