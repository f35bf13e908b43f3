"""The child process: what it says, that it says the same again, and how it ends in each of the ways it can."""

from __future__ import annotations

import hashlib
import io
import json
import signal
from pathlib import Path
from typing import Any

import pytest

from tests.workers.data.markets import bars
from tests.workers.engines.embedded.engine_child import Child, Line, numbered, request, trained
from tests.workers.engines.embedded.trading_markets import made, written
from workers.engines.embedded.__main__ import _answer
from workers.engines.embedded.request import Request
from workers.engines.embedded.run import run
from workers.engines.embedded.shapes import BadInput
from workers.engines.embedded.voice import Voice

SMALL: dict[str, Any] = {
    "epochs": 16,
    "lookback": 1,
    "evaluation_interval": 1_000,
    "hidden_layers": [16],
    "batch_size": 64,
}
ENDLESS = SMALL | {"epochs": 1_000}


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return written(tmp_path_factory.mktemp("data") / "data.parquet", made("planted_signal", rows=400, features=3))


@pytest.fixture(scope="module")
def whole(data: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[list[Line], Path]:
    """One training of two seeds, undisturbed."""
    out = tmp_path_factory.mktemp("whole")
    return trained(request(data, out, config=SMALL, seeds=[1, 2])), out


def model(out: Path) -> tuple[str, dict[str, Any]]:
    return hashlib.sha256((out / "model.safetensors").read_bytes()).hexdigest(), json.loads(
        (out / "card.json").read_text()
    )


def test_lines_are_numbered_without_a_hole_and_the_last_one_is_the_result(whole: tuple[list[Line], Path]) -> None:
    lines, _ = whole
    assert [line["n"] for line in numbered(lines)] == list(range(1, len(numbered(lines)) + 1))
    assert set(lines[-1]) == {"result"}
    moved = [line["progress"] for line in lines if "progress" in line][-1]
    assert (moved["share"], moved["epoch"], moved["step"]) == (1.0, moved["epochs"], moved["steps"])
    assert all(set(line) <= {"n", "log", "metric"} or set(line) in ({"progress"}, {"result"}) for line in lines)


def test_metrics_are_those_of_baselines_first_and_of_each_split_at_each_evaluation(
    whole: tuple[list[Line], Path],
) -> None:
    metrics = [line["metric"] for line in whole[0] if "metric" in line]
    assert [(each["step"], each["split"], each.get("seed")) for each in metrics[:3]] == [
        (0, "train", None),
        (0, "valid", None),
        (0, "test", None),
    ]
    assert {"buy_and_hold.sharpe", "flat.sharpe", "random.sharpe"} < set(metrics[0]["values"])
    first = metrics[3:6]
    assert [(each["epoch"], each["step"], each["split"], each["seed"]) for each in first] == [
        (5, 1_024, "train", 1),
        (5, 1_024, "valid", 1),
        (5, 1_024, "test", 1),
    ]
    assert {"sharpe", "total_return", "loss", "reward", "exploration"} <= set(metrics[-3]["values"])
    assert metrics[-1]["seed"] == 2


def test_the_result_is_the_best_on_valid_beside_the_baselines(whole: tuple[list[Line], Path]) -> None:
    lines, _ = whole
    result = lines[-1]["result"]
    scores = [
        line["metric"]["values"]["sharpe"]
        for line in lines
        if "metric" in line and line["metric"]["split"] == "valid" and line["metric"]["step"] > 0
    ]
    assert result["score"] == "sharpe"
    assert result["best_score"] == max(scores)
    assert [each["seed"] for each in result["seeds"]] == [1, 2]
    assert set(result["measures"]) == set(result["baselines"]) == {"train", "valid", "test"}
    assert "The data is made up, so this says nothing about a real market." in result["verdict"]["sentences"]


def test_the_model_has_its_papers(whole: tuple[list[Line], Path]) -> None:
    lines, out = whole
    checksum, card = model(out)
    assert card["weights"] == {"file": "model.safetensors", "sha256": checksum}
    assert card["papers"] == {"dataset": "a name"}
    assert card["data"] == {"sha256": "ab" * 32, "synthetic": True}
    assert card["config"]["epochs"] == 16
    assert card["measures"] == lines[-1]["result"]["measures"]
    assert card["features"]["names"][:3] == ["feature_0", "feature_1", "feature_2"]
    assert card["market"]["splits"]["test"]["last"] == "2021-07-13T00:00:00Z"
    assert card["engine"]["libraries"]["torch"].startswith("2.")
    (seen,) = card["network"]["inputs"]
    assert (seen["name"], seen["shape"]) == ("observation", ["rows", len(card["features"]["names"]) + 1])
    assert "-1, 0, 1 times the equity" in seen["holds"]


@pytest.mark.soak
def test_the_same_again_is_the_same(whole: tuple[list[Line], Path], data: Path, tmp_path: Path) -> None:
    lines, out = whole
    again = trained(request(data, tmp_path / "out", config=SMALL, seeds=[1, 2], checkpoint_every_s=0))
    assert numbered(again) == numbered(lines)
    assert again[-1] == lines[-1]
    assert model(tmp_path / "out") == model(out)


@pytest.mark.parametrize("checkpoints", [2, pytest.param(5, marks=pytest.mark.soak)])
def test_killed_and_resumed_is_as_if_nothing_had_happened(
    whole: tuple[list[Line], Path], data: Path, tmp_path: Path, checkpoints: int
) -> None:
    """Killed in its first seed, and in its second."""
    lines, out = whole
    asked = request(data, tmp_path / "out", config=SMALL, seeds=[1, 2], checkpoint_every_s=0)
    with Child(asked) as child:
        said = child.until("checkpoint", checkpoints)
        child.send(signal.SIGKILL)
        said += child.rest()
    # It may have gone on for a while before it died; the latest checkpoint is the one that is certainly still there.
    last = max(place for place, line in enumerate(said) if "checkpoint" in line)
    before = said[: last + 1]
    after = trained(asked | {"checkpoint": before[-1]["checkpoint"]["path"], "checkpoint_every_s": 60})
    assert numbered(before) + numbered(after) == numbered(lines)
    assert after[-1] == lines[-1]
    assert model(tmp_path / "out") == model(out)


def test_a_checkpoint_of_another_training_is_refused(data: Path, tmp_path: Path) -> None:
    asked = request(data, tmp_path / "out", config=SMALL, checkpoint_every_s=0)
    run(Request.of(asked), Voice(out := io.StringIO()))
    paths = [
        line["checkpoint"]["path"] for line in map(json.loads, out.getvalue().splitlines()) if "checkpoint" in line
    ]
    with pytest.raises(BadInput) as caught:
        run(Request.of(asked | {"checkpoint": paths[-1], "seeds": [2]}), Voice(io.StringIO()))
    assert caught.value.code == "OTHER_CHECKPOINT"


def test_it_ends_when_its_parent_is_gone(data: Path, tmp_path: Path) -> None:
    with Child(request(data, tmp_path / "out", config=ENDLESS)) as child:
        child.until("progress")
        assert child.process.stdin is not None
        child.process.stdin.close()
        assert child.process.wait(20) == -signal.SIGKILL
        child.process.stdin = None


def test_a_line_after_the_request_asks_for_a_checkpoint_from_which_all_goes_on(
    whole: tuple[list[Line], Path], data: Path, tmp_path: Path
) -> None:
    lines, out = whole
    asked = request(data, tmp_path / "out", config=SMALL, seeds=[1, 2])
    with Child(asked) as child:
        said = child.until("log")
        child.ask_for_a_checkpoint()
        said += child.until("checkpoint")
    after = trained(asked | {"checkpoint": said[-1]["checkpoint"]["path"]})
    assert numbered(said) + numbered(after) == numbered(lines)
    assert model(tmp_path / "out") == model(out)


def test_it_tells_how_far_it_is_and_ends_at_once_when_asked_to(data: Path, tmp_path: Path) -> None:
    with Child(request(data, tmp_path / "out", config=ENDLESS)) as child:
        progress = child.until("progress", 2)[-1]["progress"]
        child.send(signal.SIGTERM)
        assert child.process.wait(20) == -signal.SIGTERM
    assert set(progress) == {"share", "epoch", "epochs", "step", "steps", "steps_per_s", "seconds_left"}
    assert 0 < progress["share"] < 1
    assert progress["epochs"] == 1_000


def test_what_a_person_can_mend_is_told_in_words(tmp_path: Path) -> None:
    path = written(tmp_path / "two.parquet", bars(("AAA", "BBB"), rows=200))
    error = _answer(request(path, tmp_path / "out"), io.StringIO())["error"]
    assert error == {
        "code": "MANY_SYMBOLS",
        "message": "The data has 2 symbols; this task trades one. Say which.",
    }


def test_what_nobody_can_mend_is_internal(tmp_path: Path) -> None:
    error = _answer(request(tmp_path / "nowhere.parquet", tmp_path / "out"), io.StringIO())["error"]
    assert error["kind"] == "internal"
    assert "FileNotFoundError" in error["message"]


def test_too_little_memory_is_told_as_such(data: Path, tmp_path: Path) -> None:
    large = SMALL | {"hidden_layers": [2_048] * 8}
    assert trained(request(data, tmp_path / "out", config=large, memory_bytes=1 << 20))[-1]["error"]["kind"] == "memory"
