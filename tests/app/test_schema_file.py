"""What the check of the schema refuses."""

from __future__ import annotations

from pathlib import Path

import pytest

from app import schema_file
from app.errors import CannotStart

RELEASED = "type Query { a: Int b: Int }"


def test_what_adds_breaks_nobody() -> None:
    assert schema_file.unannounced(RELEASED, "type Query { a: Int b: Int c: Int }", "") == []


def test_what_takes_away_must_be_announced_below_unreleased() -> None:
    present = "type Query { a: Int }"
    [sentence] = schema_file.unannounced(RELEASED, present, "")
    assert "Query.b" in sentence
    announced = f"# Changelog\n\n## Unreleased\n\n- {sentence}\n\n## 0.1.0\n"
    assert schema_file.unannounced(RELEASED, present, announced) == []
    too_old = f"# Changelog\n\n## Unreleased\n\n## 0.1.0\n\n- {sentence}\n"
    assert schema_file.unannounced(RELEASED, present, too_old) == [sentence]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "schema.graphql").write_text(schema_file.printed())
    (tmp_path / "schema.released.graphql").write_text(schema_file.printed())
    (tmp_path / "CHANGELOG.md").write_text("## Unreleased\n")
    return tmp_path


def test_a_fresh_schema_passes(root: Path) -> None:
    schema_file.check(root)


def test_a_stale_schema_does_not(root: Path) -> None:
    (root / "schema.graphql").write_text("type Query { a: Int }\n")
    with pytest.raises(CannotStart, match=r"\./tmw schema > schema\.graphql"):
        schema_file.check(root)


def test_a_silent_break_does_not(root: Path) -> None:
    (root / "schema.released.graphql").write_text(schema_file.printed() + "\ntype Gone { a: Int }\n")
    with pytest.raises(CannotStart, match=r"Gone"):
        schema_file.check(root)
