"""What holds for each picture, whatever the data."""

from __future__ import annotations

import re
from itertools import combinations
from xml.etree import ElementTree as ET

import pytest

from domain.pictures.names import Look, PictureKind, Theme
from tests.domain.pictures.cases import CASES, EVERY
from tests.domain.pictures.reading import SVG, child, drawn, points, tree, words

WIDTHS = (280, 400, 800, 2_000)
every_case = pytest.mark.parametrize(("kind", "name"), EVERY)
every_kind = pytest.mark.parametrize("kind", PictureKind)
every_width = pytest.mark.parametrize("width", WIDTHS)


def test_all_kinds_are_drawn() -> None:
    assert set(CASES) == set(PictureKind)


@every_case
def test_it_is_an_image_that_says_what_it_shows(kind: PictureKind, name: str) -> None:
    root = tree(kind, name)
    high = root.get("height")
    assert root.tag == SVG + "svg"
    assert (root.get("viewBox"), root.get("width"), root.get("role")) == (f"0 0 800 {high}", "800", "img")
    ids = (root.get("aria-labelledby") or "").split()
    assert [
        found.get("id") for found in (root.find(SVG + "title"), root.find(SVG + "desc")) if found is not None
    ] == ids
    assert child(root, "title")
    assert child(root, "desc").endswith(".")


@every_case
def test_nothing_runs_and_nothing_is_fetched(kind: PictureKind, name: str) -> None:
    text = drawn(kind, name, 800, Theme.AUTO)
    root = ET.fromstring(text)
    tags = {element.tag.removeprefix(SVG) for element in root.iter()}
    assert tags <= {"svg", "title", "desc", "style", "g", "text", "tspan", "rect", "line", "circle", "path"}
    attributes = {key for element in root.iter() for key in element.attrib}
    assert not {key for key in attributes if key.startswith("on") or "href" in key or key == "style"}
    assert not re.search(r"url\(|@import|\\", child(root, "style"))
    assert text.count("http") == text.count("http://www.w3.org/2000/svg") == 1


@every_width
@every_kind
def test_all_words_lie_inside_and_none_over_another(kind: PictureKind, width: int) -> None:
    for name in CASES[kind]:
        root = tree(kind, name, width)
        high, found = float(root.get("height", "0")), words(root)
        outside = [said for said in found if said.left < 0 or said.right > width or said.top < 0 or said.bottom > high]
        touching = [(one.text, other.text) for one, other in combinations(found, 2) if one.touches(other)]
        assert (name, outside, touching) == (name, [], [])


@every_width
@every_kind
def test_all_shapes_lie_inside(kind: PictureKind, width: int) -> None:
    for name in CASES[kind]:
        root = tree(kind, name, width)
        high = float(root.get("height", "0"))
        outside = [(x, y) for x, y in points(root) if not (-1 <= x <= width + 1 and -1 <= y <= high + 1)]
        assert (name, outside) == (name, [])


@every_case
def test_all_numbers_are_numbers_and_rounded(kind: PictureKind, name: str) -> None:
    for element in tree(kind, name).iter():
        for key in ("d", "x", "y", "x1", "x2", "y1", "y2", "cx", "cy", "width", "height"):
            value = element.get(key, "")
            assert "n" not in value
            assert not re.search(r"\.\d\d", value)


@every_case
def test_styles_are_its_own_and_complete(kind: PictureKind, name: str) -> None:
    root = tree(kind, name)
    sheet = child(root, "style")
    assert all(rule.startswith(f"#{root.get('id')}") for rule in sheet.split("}") if rule)
    classes = {element.get("class") for element in root.iter() if element.get("class")}
    assert classes == set(re.findall(r"\.([\w-]+)\{", sheet))
    assert all(str(found).startswith(f"{kind}-") for found in classes)


@every_case
def test_it_is_small_and_equal_data_give_equal_bytes(kind: PictureKind, name: str) -> None:
    text = drawn(kind, name)
    assert len(text.encode()) < 150_000
    assert CASES[kind][name](Look(Theme.LIGHT, 800)) == text


def test_no_two_different_pictures_share_an_id() -> None:
    drawings = {drawn(kind, name, 800, theme) for kind, name in EVERY for theme in Theme}
    ids = [found for text in drawings for found in re.findall(r'id="([^"]+)"', text)]
    assert len(ids) == len(set(ids)) == 3 * len(drawings)


@every_kind
def test_themes_change_colours_only(kind: PictureKind) -> None:
    light, dark, auto = (ET.fromstring(drawn(kind, "usual", 800, theme)) for theme in Theme)
    bodies = {ET.tostring(found.find(SVG + "g"), encoding="unicode") for found in (light, dark, auto)}  # type: ignore[arg-type]
    assert len(bodies) == 1
    assert "var(" not in child(light, "style") + child(dark, "style")
    assert child(auto, "style").count("@media screen and (prefers-color-scheme:dark)") == 1
    assert set(re.findall(r"var\((--[\w-]+)\)", child(auto, "style"))) == set(
        re.findall(r"(--[\w-]+):", child(auto, "style"))
    )


@pytest.mark.parametrize(("asked", "width"), [(-5, "280"), (100, "280"), (5_000, "2000")])
def test_a_width_out_of_bounds_is_the_nearest_one(asked: int, width: str) -> None:
    root = ET.fromstring(CASES[PictureKind.EQUITY]["usual"](Look(Theme.DARK, asked)))
    assert root.get("width") == width


@every_kind
def test_of_nothing_it_says_so(kind: PictureKind) -> None:
    root = tree(kind, "nothing")
    said = [found.text for found in words(root)]
    assert said[1] == child(root, "desc")
    assert len(said) == 2


@pytest.mark.parametrize("kind", [kind for kind in PictureKind if kind is not PictureKind.MONTHLY])
def test_strange_names_are_text(kind: PictureKind) -> None:
    text = drawn(kind, "odd names")
    assert "<script" not in text
    assert "<b>" not in text
    assert not re.search("[\x00-\x1f\u202e\ud800]", text)
    assert "A<b>&\"quoted\" 'name' <script>alert(1)</script>" in "".join(tree(kind, "odd names").itertext())


@pytest.mark.parametrize("kind", [kind for kind in PictureKind if "long names" in CASES[kind]])
def test_long_names_are_whole_for_whoever_points_at_them(kind: PictureKind) -> None:
    root = tree(kind, "long names", 360)
    told = [found.text or "" for found in root.iter(SVG + "title")][1:]
    shortened = [said for said in words(root) if "\u2026" in said.text]
    whole = "Deep deterministic policy gradient with a very long and careful name"
    assert child(root, "desc").count(whole) or any(whole in text for text in told)
    assert bool(shortened) == any(whole in text for text in told)
