"""A whole training, whatever the task: reads the data, trains an agent for each seed, keeps the best, judges it."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any

import torch

from workers.data.frames import SYNTHETIC, notes_of
from workers.engines.embedded import checkpoint, model, onnx, wording
from workers.engines.embedded.evaluation.verdict import Facts, Verdict, judge
from workers.engines.embedded.market import read_market
from workers.engines.embedded.registry import algorithm_of, symbols_of, task_of
from workers.engines.embedded.request import Request
from workers.engines.embedded.seeds import Best, Evaluation, SeedRun, best_of
from workers.engines.embedded.shapes import SPLITS, Algorithm, BadInput, Measures, Split, State, Task
from workers.engines.embedded.voice import Voice

Baselines = dict[Split, dict[str, Measures]]


@dataclass(slots=True)
class _Finished:
    """A seed that is over: its steps, and the best agent that came of it."""

    seed: int
    steps: int
    best: Best


@dataclass(slots=True)
class _Pace:
    """How fast it goes, by the clock of this process alone."""

    clock: Callable[[], float]
    started: float = field(init=False)
    since: int = 0

    def __post_init__(self) -> None:
        self.started = self.clock()

    def per_second(self, step: int) -> float:
        return max(step - self.since, 1) / max(self.clock() - self.started, 1e-3)


def run(request: Request, voice: Voice, clock: Callable[[], float] = time.monotonic) -> dict[str, Any]:
    """The result of the training. Raises BadInput where a person has to mend something."""
    torch.set_num_threads(1)
    return _Training(request, voice, clock).whole()


class _Training:
    def __init__(self, request: Request, voice: Voice, clock: Callable[[], float]) -> None:
        self._request, self._voice, self._clock = request, voice, clock
        self._algorithm: Algorithm = algorithm_of(request.task, request.algorithm)
        self._state = self._resumed()
        self._market = read_market(
            request.data,
            lookback=request.config["lookback"],
            device=request.device,
            only=symbols_of(request.task),
            symbol=request.symbol,
        )
        self._task: Task = task_of(request.task)(self._market, request.config)
        self._synthetic = notes_of(request.data).get(SYNTHETIC) == "true"
        self._baselines: Baselines = {split: dict(self._task.baselines(split)) for split in SPLITS}
        self._keeper = checkpoint.Keeper(request.out)
        self._finished: list[_Finished] = []
        self._total = request.config["epochs"] * self._task.train_steps * len(request.seeds)
        self._saved_at = clock()
        self._pace = _Pace(clock)

    def whole(self) -> dict[str, Any]:
        if self._state is None:
            self._introduce()
        else:
            self._voice.next_n = self._state["next_n"]
            self._finished = [_finished_of(plain) for plain in self._state["finished"]]
        for seed in self._request.seeds[len(self._finished) :]:
            self._finished.append(self._seed(seed))
        return self._conclude()

    def _resumed(self) -> State | None:
        if self._request.checkpoint is None:
            return None
        state = checkpoint.load(self._request.checkpoint)
        if state["of"] != [self._request.fingerprint, model.ENGINE_VERSION]:
            message = "The checkpoint belongs to another training. Start this one from the beginning."
            raise BadInput("OTHER_CHECKPOINT", message)
        return state

    def _introduce(self) -> None:
        """What is trained on what, and what it will be measured against."""
        for line in wording.introduction(self._request, self._market, self._task, synthetic=self._synthetic):
            self._voice.log(line)
        for line in wording.warm_up_line(self._request, self._total // len(self._request.seeds)):
            self._voice.log(line, "warning")
        for split, baselines in self._baselines.items():
            values = {f"{name}.{measure}": value for name, each in baselines.items() for measure, value in each.items()}
            self._voice.metric(0, 0, split, values, None)

    def _seed(self, seed: int) -> _Finished:
        run = SeedRun(self._task, self._algorithm, self._request.config, seed)
        if self._state is not None:
            run.restore(self._state["seed"])
            self._pace = _Pace(self._clock, since=self._done(run))
            self._state = None
        elif self._is_one_of_several:
            self._voice.log(f"Seed {seed}, {len(self._finished) + 1} of {len(self._request.seeds)}.")
        while not run.is_over:
            if evaluation := run.advance():
                self._tell(run, evaluation)
            self._voice.progress(lambda: self._progress(run))
            self._save_when_due(run)
        if run.best is None:
            raise BadInput("NO_TRAINING", "The training had no step to take. Give it more epochs or more data.")
        return _Finished(seed, run.steps, run.best)

    def _tell(self, run: SeedRun, evaluation: Evaluation) -> None:
        seed = run.seed if self._is_one_of_several else None
        for split, measures in evaluation.measures.items():
            values = measures | evaluation.learning if split == "train" else measures
            self._voice.metric(evaluation.epoch, evaluation.step, split, values, seed)
        self._voice.log(wording.evaluation_line(evaluation, self._task.score, self._request.config["epochs"], run.best))

    def _progress(self, run: SeedRun) -> dict[str, float]:
        step = min(self._done(run), self._total)
        speed = self._pace.per_second(step)
        return {
            "share": step / self._total,
            "epoch": run.epoch,
            "epochs": self._request.config["epochs"],
            "step": step,
            "steps": self._total,
            "steps_per_s": round(speed, 1),
            "seconds_left": round((self._total - step) / speed, 1),
        }

    def _save_when_due(self, run: SeedRun) -> None:
        """A run can do without a checkpoint: where none can be written, it goes on and tries again later."""
        if run.is_over or self._clock() - self._saved_at < self._request.checkpoint_every_s:
            return
        try:
            path = self._keeper.keep(self._checkpoint(run), self._done(run))
        except Exception as error:  # noqa: BLE001 - safetensors has errors of its own
            print(f"no checkpoint at step {run.steps}: {error}", file=sys.stderr)  # noqa: T201
        else:
            self._voice.checkpoint(path, self._done(run))
        self._saved_at = self._clock()

    def _checkpoint(self, run: SeedRun) -> State:
        return {
            "of": [self._request.fingerprint, model.ENGINE_VERSION],
            "next_n": self._voice.next_n,
            "finished": [asdict(each) for each in self._finished],
            "seed": run.state(),
        }

    def _conclude(self) -> dict[str, Any]:
        chosen = max(self._finished, key=lambda each: each.best.score)
        verdict = judge(self._facts(chosen))
        kept = wording.kept_line(chosen.seed, chosen.best, self._task.score)
        self._voice.log(f"All {self._request.config['epochs']} epochs are done. {kept}")
        for sentence in verdict.sentences:
            self._voice.log(sentence, "info" if verdict.good else "warning")
        network = self._algorithm.network(self._task, self._request.config)
        network.load_state_dict(chosen.best.weights)
        exported = onnx.export(network.eval(), self._request.out)
        result = self._result(chosen, verdict, exported)
        self._write(chosen, result, model.about_network(network, chosen.best.weights))
        return result

    def _facts(self, chosen: _Finished) -> Facts:
        return Facts(
            score=self._task.score,
            measures=chosen.best.measures,
            baselines=self._baselines,
            bars={split: len(part) for split, part in self._market.splits.items()},
            bars_per_year=self._market.bars_per_year,
            synthetic=self._synthetic,
            seeds=tuple(each.best.score for each in self._finished),
        )

    def _result(self, chosen: _Finished, verdict: Verdict, exported: str | None) -> dict[str, Any]:
        return {
            "score": self._task.score,
            "best_score": chosen.best.score,
            "best_step": chosen.best.step,
            "best_seed": chosen.seed,
            "seeds": [_seed_result(each) for each in self._finished],
            "measures": chosen.best.measures,
            "baselines": self._baselines,
            "verdict": asdict(verdict),
            "synthetic": self._synthetic,
            "files": {"weights": model.WEIGHTS, "card": model.CARD, "onnx": exported},
        }

    def _write(self, chosen: _Finished, result: dict[str, Any], network: model.Card) -> None:
        request = self._request
        card = {
            "task": request.task,
            "algorithm": request.algorithm,
            "config": dict(request.config),
            "seed": chosen.seed,
            "engine": model.about_engine(),
            "network": network,
            "data": {"sha256": request.data_sha256, "synthetic": self._synthetic},
            **model.about_market(self._market),
            **{name: value for name, value in result.items() if name not in {"files", "synthetic"}},
            "papers": request.papers,
        }
        model.save(request.out, chosen.best.weights, card)

    @property
    def _is_one_of_several(self) -> bool:
        return len(self._request.seeds) > 1

    def _done(self, run: SeedRun) -> int:
        """Steps over all seeds."""
        return sum(each.steps for each in self._finished) + run.steps


def _seed_result(each: _Finished) -> dict[str, Any]:
    return {
        "seed": each.seed,
        "steps": each.steps,
        "best_step": each.best.step,
        "best_score": each.best.score,
        "measures": each.best.measures,
    }


def _finished_of(plain: dict[str, Any]) -> _Finished:
    best = best_of(plain["best"])
    assert best is not None  # noqa: S101 - a seed that is over has one
    return _Finished(plain["seed"], plain["steps"], best)
