"""What comes of a training: which agent is kept, what is said of it, and what is written down."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from workers.engines.embedded import accounts, model, onnx
from workers.engines.embedded.evaluation.verdict import Facts, Verdict, judge
from workers.engines.embedded.market import Market
from workers.engines.embedded.request import Request
from workers.engines.embedded.seeds import Best, best_of
from workers.engines.embedded.shapes import Algorithm, Measures, Split, Task


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """What a training stands on; none of it changes while agents learn."""

    request: Request
    market: Market
    task: Task
    baselines: dict[Split, dict[str, Measures]]
    synthetic: bool


@dataclass(frozen=True, slots=True)
class Finished:
    """A seed that is over: its steps, and the best agent that came of it."""

    seed: int
    steps: int
    best: Best


def finished_of(plain: dict[str, Any]) -> Finished:
    best = best_of(plain["best"])
    assert best is not None  # noqa: S101 - a seed that is over has one
    return Finished(plain["seed"], plain["steps"], best)


def chosen_of(finished: Sequence[Finished]) -> Finished:
    """The one that did best on valid."""
    return max(finished, key=lambda each: each.best.score)


def verdict_on(ground: Ground, finished: Sequence[Finished]) -> Verdict:
    facts = Facts(
        score=ground.task.score,
        measures=chosen_of(finished).best.measures,
        baselines=ground.baselines,
        bars={split: len(part) for split, part in ground.market.splits.items()},
        bars_per_year=ground.market.bars_per_year,
        synthetic=ground.synthetic,
        seeds=tuple(each.best.score for each in finished),
    )
    return judge(facts)


def written(ground: Ground, finished: Sequence[Finished], verdict: Verdict, algorithm: Algorithm) -> dict[str, Any]:
    """Writes the model with its papers; the result, as it is told."""
    request, chosen = ground.request, chosen_of(finished)
    network = algorithm.network(ground.task, request.config)
    network.load_state_dict(chosen.best.weights)
    told = _told(ground, finished, verdict)
    about = model.about_network(ground.task, network, chosen.best.weights)
    policy = algorithm.policy(ground.task, request.config, network.to(ground.market.device).eval())
    series = accounts.write(request.out, ground.market, ground.task, policy)
    model.save(request.out, chosen.best.weights, _card(ground, chosen, told, about))
    exported = onnx.export(network.cpu(), ground.task.inputs, request.out)
    files = {"weights": model.WEIGHTS, "card": model.CARD, "onnx": exported, "series": series}
    return {**told, "synthetic": ground.synthetic, "files": files}


def _told(ground: Ground, finished: Sequence[Finished], verdict: Verdict) -> dict[str, Any]:
    chosen = chosen_of(finished)
    best = chosen.best
    return {
        "score": ground.task.score,
        "best_score": best.score,
        "best_step": best.step,
        "best_seed": chosen.seed,
        "seeds": [_of_seed(each) for each in finished],
        "measures": best.measures,
        "baselines": ground.baselines,
        "verdict": asdict(verdict),
    }


def _of_seed(each: Finished) -> dict[str, Any]:
    best = each.best
    figures = {"best_step": best.step, "best_score": best.score, "measures": best.measures}
    return {"seed": each.seed, "steps": each.steps, **figures}


def _card(ground: Ground, chosen: Finished, told: dict[str, Any], network: model.Card) -> model.Card:
    request = ground.request
    return {
        "task": request.task,
        "algorithm": request.algorithm,
        "config": dict(request.config),
        "seed": chosen.seed,
        "engine": model.about_engine(),
        "network": network,
        "data": {"sha256": request.data_sha256, "synthetic": ground.synthetic},
        **model.about_market(ground.market),
        **told,
        "papers": request.papers,
    }
