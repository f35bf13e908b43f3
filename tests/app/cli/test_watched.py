"""When a part that died is started again."""

from __future__ import annotations

from dataclasses import dataclass, field

from app.errors import CannotStart
from app.supervisor.watched import Watched


@dataclass
class Part:
    name: str = "The part"
    end: str = "exit code 3"
    alive: bool = True
    starts: int = 0
    refusals: int = 0

    def start(self) -> None:
        self.starts += 1
        if self.refusals:
            self.refusals -= 1
            raise CannotStart("It cannot.", "Help it.")
        self.alive = True

    def stop(self) -> None:
        self.alive = False


@dataclass
class Scene:
    part: Part = field(default_factory=Part)
    now: float = 100.0
    said: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.watched = Watched(self.part, clock=lambda: self.now, say=self.said.append)

    def look(self, at: float) -> int:
        self.now = at
        self.watched.look()
        return self.part.starts


def test_a_living_part_is_left_alone() -> None:
    scene = Scene()
    assert scene.look(1000.0) == 0
    assert scene.said == []


def test_the_waits_grow_up_to_half_a_minute() -> None:
    scene = Scene()
    at = 100.0
    for death, wait in enumerate([0.5, 1, 2, 4, 8, 16, 30, 30]):
        scene.part.alive = False
        assert scene.look(at) == death
        assert scene.look(at + wait - 0.01) == death
        at += wait
        assert scene.look(at) == death + 1
    assert scene.said[:2] == ["The part ended (exit code 3); it is started again in 0.5 s.", "The part runs again."]


def test_a_calm_minute_is_a_new_beginning() -> None:
    scene = Scene()
    scene.part.alive = False
    scene.look(100.0)
    scene.look(100.5)
    scene.look(161.0)
    scene.part.alive = False
    scene.look(162.0)
    assert scene.said[-1] == "The part ended (exit code 3); it is started again in 0.5 s."


def test_a_start_that_is_refused_is_tried_again_later() -> None:
    scene = Scene(Part(alive=False, refusals=1))
    scene.look(100.0)
    assert scene.look(100.5) == 1
    assert scene.said[-1] == "The part cannot start: It cannot; it is started again in 1 s."
    assert scene.look(101.4) == 1
    assert scene.look(101.5) == 2
    assert scene.part.alive
