"""Every recorded log gives exactly the numbers that are printed in it."""

from __future__ import annotations

import re
from collections.abc import Iterable

import pytest

from tests.support.trademaster.recorded import log, sent
from workers.engines.trademaster.events import Level, Log, Metric, Progress, Split
from workers.engines.trademaster.logs.measures import Measure, Unit, measure_of, name_of
from workers.engines.trademaster.logs.parser import (
    DYNAMICS_TEST_END,
    LABELLING_END,
    TEST_END,
    TRAIN_END,
    LogParser,
    shown,
)

ENDS = {"train": TRAIN_END, "test": TEST_END, "MDM": LABELLING_END, "dynamics_test_1": DYNAMICS_TEST_END}


def parsed(name: str) -> tuple[LogParser, list[Metric]]:
    """As the service sends it, and as it lies there: both must give the same."""
    end = next(end for ending, end in ENDS.items() if name.endswith(ending))
    results = []
    for text in (sent(log(name)), log(name)):
        parser = LogParser(end=end)
        results.append((parser, [event for event in parser.feed(text.split("\n")) if isinstance(event, Metric)]))
    assert results[0][1] == results[1][1]
    return results[0]


def percent(value: float) -> Measure:
    return Measure(value, Unit.PERCENT)


def trading(total: float, sharpe: float, volatility: float, drawdown: float) -> dict[str, Measure]:
    return {
        "total_return": percent(total),
        "sharpe_ratio": Measure(sharpe),
        "volatility": percent(volatility),
        "max_drawdown": percent(drawdown),
    }


def execution(cash: float, twap: float, ratio: float) -> dict[str, Measure]:
    return {"cash_left": Measure(cash), "twap": Measure(twap), "cash_left_ratio": percent(ratio)}


SLIPPED = execution(39463.794950, 39815.012559, -0.882124)
SAVED = execution(44920.363750, 39814.366548, 12.824509)
TRAIN, VALID, TEST = Split.TRAIN, Split.VALID, Split.TEST

TABLES: dict[str, list[Metric]] = {
    "deepscalper_test": [Metric(None, 1, TEST, trading(17.242411, 0.462133, 2.009390, 46.642089), "agent")],
    "eiie_threads1_test": [Metric(None, 1, TEST, trading(14.628497, 1.303529, 0.718716, 6.744552), "agent")],
    "eteo_test": [Metric(None, 1, TEST, SAVED, "agent")],
    "eiie_threads1_train": [
        Metric(1, 1, TRAIN, trading(128.350899, 0.583625, 1.385437, 37.374074)),
        Metric(1, 1, VALID, trading(9.604189, 0.450652, 2.140837, 31.026709)),
        Metric(2, 1, TRAIN, trading(128.313686, 0.583615, 1.385120, 37.365850)),
        Metric(2, 1, VALID, trading(9.612093, 0.450894, 2.140411, 31.016073)),
    ],
    "eiie_train": [
        Metric(1, 1, TRAIN, trading(128.374936, 0.583654, 1.385555, 37.374074)),
        Metric(1, 1, VALID, trading(9.587215, 0.450133, 2.141753, 31.049587)),
    ],
    "eteo_train": [
        Metric(1, 1, TRAIN, SLIPPED),
        Metric(1, 1, VALID, SAVED),
        Metric(2, 1, TRAIN, SLIPPED),
        Metric(2, 1, VALID, SAVED),
        Metric(None, 1, TEST, SAVED, "agent"),
    ],
    "pd_test": [],
    "eiie_test": [],
}

PD = [
    (1, (112.669998, 115.574311), 7218.371334),
    (2, (115.655163, 114.194385), 7676.979339),
    (3, (115.398728, 115.154162), 7230.151698),
    (4, (115.652997, 112.669998, 113.438108), 7384.779546),
    (5, (116.451092, 5501.261549), 11701.447902),
    (6, (112.669998, 9179.740114), 11595.127596),
    (7, (113.153173, 8852.932925), 11684.868068),
    (8, (113.502760, 9375.962375), 11736.591291),
    (9, (114.449917, 9065.888678), 11634.373496),
    (10, (136.469835, 9038.922225), 11654.304526),
]


@pytest.mark.parametrize("name", TABLES)
def test_a_log_gives_its_tables(name: str) -> None:
    assert parsed(name)[1] == TABLES[name]


def test_several_tables_of_one_epoch_are_numbered() -> None:
    expected = []
    for epoch, sold, validated in PD:
        expected += [
            Metric(epoch, number, TRAIN, {"money_sold": Measure(value)}) for number, value in enumerate(sold, 1)
        ]
        expected += [Metric(epoch, 1, VALID, {"money_sold": Measure(validated)})]
    assert parsed("pd_threads1_train")[1] == expected
    assert parsed("pd_train")[1] == expected[: len(parsed("pd_train")[1])]
    assert len(parsed("pd_train")[1]) == 14


def test_twenty_epochs_of_deepscalper() -> None:
    printed = [float(value) + 0.0 for value in re.findall(r"\| +(-?[\d.]+)% +\|", log("deepscalper_train"))]
    assert len(printed) == 40
    found = parsed("deepscalper_train")[1]
    assert [metric.values for metric in found] == [{"total_return": percent(value)} for value in printed]
    assert [(metric.epoch, metric.split) for metric in found] == [
        (epoch, split) for epoch in range(1, 21) for split in (TRAIN, VALID)
    ]


def test_a_labelling_tells_distances_and_segments() -> None:
    def distances(*values: float) -> dict[str, Measure]:
        names = ("count", "mean", "std", "min", "lower_quartile", "median", "upper_quartile", "max")
        return {f"distance_{name}": Measure(value) for name, value in zip(names, values, strict=True)}

    assert [(metric.split, metric.step, metric.values) for metric in parsed("deepscalper_MDM")[1]] == [
        (Split.LABELLING, 1, distances(92, 0.213590, 0.156478, 0.015239, 0.106259, 0.186588, 0.278127, 0.748426)),
        (Split.LABELLING, 2, distances(88, 0.222810, 0.153676, 0.039882, 0.126755, 0.191514, 0.278615, 0.763659)),
        (Split.LABELLING, 3, {"rounds": Measure(2), "segments": Measure(47)}),
    ]
    last = parsed("eiie_threads1_MDM")[1][-1]
    assert last.values == {"rounds": Measure(2), "segments": Measure(11)}


def test_a_dynamics_test_tells_policies_stretches_and_scores() -> None:
    metrics = parsed("deepscalper_dynamics_test_1")[1]
    slices = [metric for metric in metrics if metric.split is TEST]
    printed = re.findall(
        r"\| +(-?[\d.]+)% +\| +(-?[\d.]+) +\| +([\d.]+)% +\| +([\d.]+)% +\|", log("deepscalper_dynamics_test_1")
    )
    assert len(printed) == 33
    assert len(metrics) == 33 + 4
    assert [metric.values for metric in slices] == [trading(*(float(cell) + 0.0 for cell in row)) for row in printed]
    assert slices[0] == Metric(
        None,
        1,
        TEST,
        trading(-16.000700, -13.380790, 0.662806, 19.243682),
        "agent",
        ("2015-11-07 23:59:59", "2015-12-18 23:59:59"),
    )
    assert [metric.policy for metric in slices] == ["agent", "Blind_Bid", "Do_Nothing"] * (len(slices) // 3)
    assert len({metric.period for metric in slices}) == len(slices) // 3
    assert summaries(metrics) == [
        (Split.SUMMARY, "Do_Nothing", percent(0.0), Measure(0.0)),
        (Split.SUMMARY, "Blind_Bid", percent(11.967079), Measure(2.265212)),
        (Split.SUMMARY, "agent", percent(-12.822628), Measure(1.283954)),
        (Split.SCORES, "agent", Measure(-53.047800), Measure(29.798316)),
    ]
    assert all(metric.period is None for metric in metrics if metric.split is not TEST)


def summaries(metrics: Iterable[Metric]) -> list[tuple[Split, str | None, Measure, Measure]]:
    return [
        (metric.split, metric.policy, metric.values["excess_profit"], metric.values["sortino_ratio"])
        for metric in metrics
        if metric.split in {Split.SUMMARY, Split.SCORES}
    ]


@pytest.mark.parametrize(
    ("name", "ended", "broken"),
    [
        ("deepscalper_train", True, None),
        ("deepscalper_test", True, None),
        ("eteo_train", True, None),
        ("deepscalper_MDM", True, None),
        ("deepscalper_dynamics_test_1", True, None),
        ("eiie_train", False, None),
        ("pd_train", False, None),
        ("pd_threads1_train", False, "KeyError: 'market_features_dict'"),
        ("pd_test", False, "FileNotFoundError: [Errno 2] No such file or directory: '"),
    ],
)
def test_only_the_sentinel_ends_and_only_a_traceback_breaks(name: str, ended: bool, broken: str | None) -> None:
    parser, _ = parsed(name)
    assert parser.ended is ended
    assert (parser.broken or "")[: len(broken or "")] == (broken or "")
    assert (parser.broken is None) is (broken is None)


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        (
            ["RuntimeError: ", "The Kaleido package is needed", "", "    $ pip"],
            "RuntimeError: The Kaleido package is needed",
        ),
        (["  File x", "KeyError: 'a'", "", "During handling", "Traceback (most recent call last):"], None),
        (["  File x", "err", "KeyError: 'zopen'"], "KeyError: 'zopen'"),
        (["  File x", "ory. Tried to allocate 2 GiB"], "ory. Tried to allocate 2 GiB"),
        (["KeyboardInterrupt"], "KeyboardInterrupt"),
    ],
)
def test_the_last_line_of_a_traceback_is_the_message(lines: list[str], message: str | None) -> None:
    parser = LogParser(end=TRAIN_END)
    parser.feed(["Traceback (most recent call last):", *lines])
    assert parser.broken == message


def test_what_goes_on_after_a_traceback_is_not_broken() -> None:
    parser = LogParser(end=TRAIN_END)
    parser.feed(["Traceback (most recent call last):", "KeyError: 'a'", "Train Episode: [2/2]"])
    assert parser.broken is None


def test_progress_counts_validated_epochs() -> None:
    parser = LogParser(end=TRAIN_END)
    events = parser.feed(log("eiie_threads1_train").split("\n"))
    assert [event for event in events if isinstance(event, Progress)] == [
        Progress(0.0, 1, 2),
        Progress(0.5, 1, 2),
        Progress(0.5, 2, 2),
        Progress(1.0, 2, 2),
    ]


def test_a_loss_of_more_than_everything_is_kept_and_flagged_once() -> None:
    events = LogParser(end=TRAIN_END).feed(log("deepscalper_train").split("\n"))
    assert [event.level for event in events if isinstance(event, Log)] == [Level.WARNING]
    assert min(event.values["total_return"].value for event in events if isinstance(event, Metric)) < -193


def test_after_a_gap_within_a_table_the_next_one_is_read() -> None:
    parser = LogParser(end=TRAIN_END)
    table = ["+---+", "| Total Return |", "+---+", "| 1.5% |", "+---+"]
    assert parser.feed(["Train Episode: [1/1]", *table[:3]])[-1] == Progress(0.0, 1, 1)
    parser.jump()
    assert parser.feed(table)[0] == Metric(1, 1, TRAIN, {"total_return": percent(1.5)})


def test_a_cell_without_a_number_is_left_out_and_said() -> None:
    lines = ["Train Episode: [1/1]", "+---+---+", "| Total Return | Sharp Ratio |", "+---+---+", "| 1.5% | nan |"]
    events = LogParser(end=TRAIN_END).feed(lines)
    assert [event.values for event in events if isinstance(event, Metric)] == [{"total_return": percent(1.5)}]
    assert [event.message for event in events if isinstance(event, Log)] == [
        "The service printed no number for sharpe_ratio; it is left out."
    ]


@pytest.mark.parametrize("cell", ["nan", "inf", "-inf%", "", "1e999", "1,5", "1 %"])
def test_no_number(cell: str) -> None:
    assert measure_of(cell) is None


def test_an_unknown_heading_becomes_a_name() -> None:
    assert name_of("Win/Loss (day)") == "win_loss_day"


def test_a_progress_bar_shows_its_last_state() -> None:
    assert shown("\r  0%|  | 0/49\r100%|██| 49/49 [00:05<00:00,  9.18") == "100%|██| 49/49 [00:05<00:00,  9.18"
    assert shown("a\x00b") == "a\N{REPLACEMENT CHARACTER}b"
