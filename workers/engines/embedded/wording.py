"""What the log of a training says, in words a person can read."""

from __future__ import annotations

from workers.engines.embedded.market import Market
from workers.engines.embedded.model import about_split
from workers.engines.embedded.outcome import Ground
from workers.engines.embedded.request import Request
from workers.engines.embedded.seeds import Best, Evaluation, interval_of
from workers.engines.embedded.shapes import SPLITS, Split


def introduction(ground: Ground) -> list[str]:
    request, market, task = ground.request, ground.market, ground.task
    shown = ", ".join(market.symbols[:5]) + (f" and {len(market.symbols) - 5} more" if len(market.symbols) > 5 else "")
    total = request.config["epochs"] * task.train_steps
    what = (
        f"Training {request.algorithm} for {request.task.replace('_', ' ')} on {shown}: {len(market.times):,} bars, "
        f"{len(market.feature_names)} features, about {market.bars_per_year:,.0f} bars a year."
    )
    parts = f"Split by {market.split_by}. " + " ".join(_split_line(market, split) for split in SPLITS)
    plan = (
        f"{request.config['epochs']} epochs of {task.train_steps:,} steps, {total:,} in all or a few more, "
        f"tested each {interval_of(request.config, total):,} steps."
    )
    made_up = ["The data is made up; no real market is behind it."] if ground.synthetic else []
    return [what, parts, plan, *made_up]


def warm_up_line(request: Request, total: int) -> list[str]:
    if (warm_up := request.config.get("warmup_steps", 0)) < total:
        return []
    return [f"The warm-up of {warm_up:,} steps is longer than the training: nothing is learned. Give it more epochs."]


def _split_line(market: Market, split: Split) -> str:
    about = about_split(market, split)
    return f"{split.capitalize()}: {about['bars']:,} bars, {about['first'][:10]} to {about['last'][:10]}."


def evaluation_line(evaluation: Evaluation, score: str, epochs: int, best: Best | None) -> str:
    scores = ", ".join(f"{split} {evaluation.measures[split][score]:.2f}" for split in SPLITS)
    so_far = "the best so far" if evaluation.is_best or best is None else f"best {best.score:.2f} at step {best.step:,}"
    loss = f", loss {evaluation.learning['loss']:.4f}" if "loss" in evaluation.learning else ""
    return f"Epoch {evaluation.epoch} of {epochs}, step {evaluation.step:,}: {score} {scores}; {so_far}{loss}."


def conclusion(request: Request, seed: int, best: Best, score: str) -> str:
    kept = f"Kept is the agent of step {best.step:,} (seed {seed}), which did best on valid: {score} {best.score:.2f}."
    return f"All {request.config['epochs']} epochs are done. {kept}"
