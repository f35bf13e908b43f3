"""A whole training, whatever the task: reads the data, trains an agent for each seed, tells and saves on the way."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

import torch

from workers.data.frames import SYNTHETIC, notes_of
from workers.engines.embedded import checkpoint, model, wording
from workers.engines.embedded.market import read_market
from workers.engines.embedded.outcome import Finished, Ground, chosen_of, finished_of, verdict_on, written
from workers.engines.embedded.pace import Pace
from workers.engines.embedded.registry import algorithm_of, symbols_of, task_of
from workers.engines.embedded.request import Request
from workers.engines.embedded.seeds import Evaluation, SeedRun
from workers.engines.embedded.shapes import SPLITS, Algorithm, BadInput, State, Task
from workers.engines.embedded.voice import Voice


def run(request: Request, voice: Voice, clock: Callable[[], float] = time.monotonic) -> dict[str, Any]:
    """The result of the training. Raises BadInput where a person has to mend something."""
    torch.set_num_threads(1)
    return _Training(request, voice, clock).whole()


class _Training:
    def __init__(self, request: Request, voice: Voice, clock: Callable[[], float]) -> None:
        self._request, self._voice, self._clock = request, voice, clock
        self._algorithm: Algorithm = algorithm_of(request.task, request.algorithm)
        self._state = self._resumed()
        market = read_market(
            request.data,
            lookback=request.config["lookback"],
            device=request.device,
            only=symbols_of(request.task),
            symbol=request.symbol,
        )
        self._task: Task = task_of(request.task)(market, request.config)
        self._ground = Ground(
            request=request,
            market=market,
            task=self._task,
            baselines={split: dict(self._task.baselines(split)) for split in SPLITS},
            synthetic=notes_of(request.data).get(SYNTHETIC) == "true",
        )
        self._keeper = checkpoint.Keeper(request.out)
        self._finished: list[Finished] = []
        self._total = request.config["epochs"] * self._task.train_steps * len(request.seeds)
        self._saved_at = clock()
        self._pace = Pace(clock)

    def whole(self) -> dict[str, Any]:
        if self._state is None:
            self._introduce()
        else:
            self._voice.next_n = self._state["next_n"]
            self._finished = [finished_of(plain) for plain in self._state["finished"]]
        for seed in self._request.seeds[len(self._finished) :]:
            self._finished.append(self._seed(seed))
        return self._concluded()

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
        for line in wording.introduction(self._ground):
            self._voice.log(line)
        for line in wording.warm_up_line(self._request, self._total // len(self._request.seeds)):
            self._voice.log(line, "warning")
        for split, baselines in self._ground.baselines.items():
            values = {f"{name}.{measure}": value for name, each in baselines.items() for measure, value in each.items()}
            self._voice.metric(0, 0, split, values, None)

    def _seed(self, seed: int) -> Finished:
        run = self._begun(seed)
        while run.prepares:
            run.prepare()
            self._speak_and_save(run)
        self._pace = Pace(self._clock, self._share(run), self._done(run))
        while not run.is_over:
            if evaluation := run.advance():
                self._tell(run, evaluation)
            self._speak_and_save(run)
        if run.best is None:
            raise BadInput("NO_TRAINING", "The training had no step to take. Give it more epochs or more data.")
        return Finished(seed, run.steps, run.best)

    def _speak_and_save(self, run: SeedRun) -> None:
        self._voice.progress(lambda: self._progress(run), is_last=run.is_over)
        self._save_when_due(run)

    def _begun(self, seed: int) -> SeedRun:
        run = SeedRun(self._task, self._algorithm, self._request.config, seed)
        if self._state is not None:
            run.restore(self._state["seed"])
            self._state = None
            return run
        if self._is_one_of_several:
            self._voice.log(f"Seed {seed}, {len(self._finished) + 1} of {len(self._request.seeds)}.")
        if run.prepares:
            self._voice.log("It prepares first; its steps begin after that.")
        return run

    def _tell(self, run: SeedRun, evaluation: Evaluation) -> None:
        seed = run.seed if self._is_one_of_several else None
        for split, measures in evaluation.measures.items():
            values = measures | evaluation.learning if split == "train" else measures
            self._voice.metric(evaluation.epoch, evaluation.step, split, values, seed)
        self._voice.log(wording.evaluation_line(evaluation, self._task.score, self._request.config["epochs"], run.best))

    def _progress(self, run: SeedRun) -> dict[str, float]:
        step, share = min(self._done(run), self._total), self._share(run)
        return {
            "share": share,
            "epoch": run.epoch,
            "epochs": self._request.config["epochs"],
            "step": step,
            "steps": self._total,
            "steps_per_s": round(self._pace.steps_per_second(step), 1),
            "seconds_left": round(self._pace.seconds_left(share), 1),
        }

    def _save_when_due(self, run: SeedRun) -> None:
        """A run can do without a checkpoint: where none can be written, it goes on and tries again later."""
        if run.is_over or not self._is_due:
            return
        self._voice.checkpoint_wanted.clear()
        try:
            path = self._keeper.keep(self._checkpoint(run), self._done(run))
        except Exception as error:  # noqa: BLE001 - safetensors has errors of its own
            print(f"no checkpoint at step {run.steps}: {error}", file=sys.stderr)  # noqa: T201
        else:
            self._voice.checkpoint(path, self._done(run))
        self._saved_at = self._clock()

    @property
    def _is_due(self) -> bool:
        is_time = self._clock() - self._saved_at >= self._request.checkpoint_every_s
        return is_time or self._voice.checkpoint_wanted.is_set()

    def _checkpoint(self, run: SeedRun) -> State:
        return {
            "of": [self._request.fingerprint, model.ENGINE_VERSION],
            "next_n": self._voice.next_n,
            "finished": [asdict(each) for each in self._finished],
            "seed": run.state(),
        }

    def _concluded(self) -> dict[str, Any]:
        chosen = chosen_of(self._finished)
        verdict = verdict_on(self._ground, self._finished)
        self._voice.log(wording.conclusion(self._request, chosen.seed, chosen.best, self._task.score))
        for sentence in verdict.sentences:
            self._voice.log(sentence, "info" if verdict.good else "warning")
        return written(self._ground, self._finished, verdict, self._algorithm)

    @property
    def _is_one_of_several(self) -> bool:
        return len(self._request.seeds) > 1

    def _share(self, run: SeedRun) -> float:
        return (len(self._finished) + run.share) / len(self._request.seeds)

    def _done(self, run: SeedRun) -> int:
        """Steps over all seeds."""
        return sum(each.steps for each in self._finished) + run.steps
