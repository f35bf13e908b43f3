"""Whether an agent is any good, in plain words, so that nobody fools himself."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from workers.engines.embedded.shapes import Measures, Split

_TITLES = {"sharpe": "Sharpe ratio", "saving_bps": "saving in basis points"}
_NOTHING_GAINED = {
    "sharpe": "It earns nothing there: whoever had done nothing would have no less.",
    "saving_bps": "It saves nothing there: whoever had traded evenly would have paid no more.",
}
_BY_LUCK = {"sharpe": "ratios", "saving_bps": "savings in basis points"}
_FEW_TRADES = 10
_ERRORS = 2.0
"""Within so many standard errors, a score may be chance."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What a verdict is made of."""

    score: str
    measures: Mapping[Split, Measures]
    baselines: Mapping[Split, Mapping[str, Measures]]
    bars: Mapping[Split, int]
    bars_per_year: float
    synthetic: bool
    seeds: tuple[float, ...]
    """The best valid score of each seed."""


@dataclass(frozen=True, slots=True)
class Verdict:
    good: bool
    """Better than every baseline on the test split, with a gain beyond chance and trades enough to say so."""
    beats_baselines: bool
    overfitted: bool
    sentences: tuple[str, ...]


def judge(facts: Facts) -> Verdict:
    beats = not _unbeaten(facts)
    parted = _has_parted(facts)
    good = beats and _of(facts, "test") > _chance(facts, "test") and not _few_trades(facts)
    head = "The agent is good on this data." if good else "The agent is not good enough to rely on."
    return Verdict(good, beats, parted, (head, *_sentences(facts, parted=parted)))


def _sentences(facts: Facts, *, parted: bool) -> Iterator[str]:
    yield _comparison(facts)
    yield from _no_better(facts)
    if parted:
        yield (
            f"Train and valid have parted: {_of(facts, 'train'):.2f} on the bars that it learned from, "
            f"{_of(facts, 'valid'):.2f} on those that it did not. Part of what it knows is the past by heart."
        )
    yield from _too_little(facts)
    if len(facts.seeds) > 1:
        low, high = min(facts.seeds), max(facts.seeds)
        yield f"Over {len(facts.seeds)} seeds its best score on valid lies between {low:.2f} and {high:.2f}."
    if facts.synthetic:
        yield "The data is made up, so this says nothing about a real market."


def _comparison(facts: Facts) -> str:
    title, own = _TITLES.get(facts.score, facts.score), _of(facts, "test")
    if unbeaten := _unbeaten(facts):
        others = " and ".join(f"{_said(name)} ({score:.2f})" for name, score in unbeaten.items())
        return f"On the test split, which it never saw, it does not beat {others}: its {title} is {own:.2f}."
    others = ", ".join(f"{_said(name)} {each[facts.score]:.2f}" for name, each in facts.baselines["test"].items())
    return f"On the test split, which it never saw, its {title} is {own:.2f}. It beats all baselines: {others}."


def _no_better(facts: Facts) -> Iterator[str]:
    """What nobody should have to read out of a comparison."""
    unbeaten = _unbeaten(facts)
    if "random" in unbeaten:
        yield "Acting at random does as well: what it has learned does not hold beyond the bars that it learned from."
    if "flat" in unbeaten or _of(facts, "test") <= 0:
        yield _NOTHING_GAINED.get(facts.score, "It gains nothing.")


def _too_little(facts: Facts) -> Iterator[str]:
    trades = facts.measures["test"].get("trades")
    if trades == 0:
        yield "It never trades in the test."
    elif _few_trades(facts):
        yield f"It trades only {trades:.0f} times in the test: too few to judge it by."
    own, chance = _of(facts, "test"), _chance(facts, "test")
    if 0 < own <= chance:
        yield (
            f"The test is too short to tell this from luck: over {facts.bars['test']:,} bars, chance alone "
            f"gives {_BY_LUCK.get(facts.score, 'scores')} up to {chance:.2f}."
        )


def _unbeaten(facts: Facts) -> dict[str, float]:
    own = _of(facts, "test")
    scores = {name: measures[facts.score] for name, measures in facts.baselines["test"].items()}
    return {name: score for name, score in scores.items() if score >= own}


def _has_parted(facts: Facts) -> bool:
    """Valid has less than half of what train has, and chance alone does not make such a gap."""
    train, valid = _of(facts, "train"), _of(facts, "valid")
    error = math.hypot(_chance(facts, "train"), _chance(facts, "valid"))
    return train > 0 and valid < train / 2 and train - valid > error


def _chance(facts: Facts, split: Split) -> float:
    """How large a score can be by chance; 0 where that is not known."""
    if facts.score == "sharpe":
        return _ERRORS * math.sqrt(facts.bars_per_year / max(facts.bars[split], 1))
    return _ERRORS * facts.measures[split].get("saving_error_bps", 0.0)


def _few_trades(facts: Facts) -> bool:
    return facts.measures["test"].get("trades", math.inf) < _FEW_TRADES


def _of(facts: Facts, split: Split) -> float:
    return facts.measures[split][facts.score]


def _said(name: str) -> str:
    return {"twap": "trading evenly", "flat": "doing nothing"}.get(name, name.replace("_", " "))
