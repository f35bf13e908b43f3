from __future__ import annotations

import json
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from domain.catalogue import TaskType
from domain.datasets.columns import kind_of
from domain.datasets.forms import Form
from domain.datasets.recipes import columns_after
from domain.datasets.sources import (
    Source,
    demo_datasets,
    read_request,
    request_schema,
    source,
    sources,
    validate_request,
)
from domain.errors import Code

FORMS = [(each, form) for each in sources() for form in each.forms]
REQUIRED: dict[str, dict[str, Any]] = {
    "yfinance": {"symbols": ["AAPL"], "start": "2020-01-01"},
    "akshare": {"symbols": ["600519"], "start": "2020-01-01"},
    "ccxt": {"symbols": ["BTC/USDT"], "start": "2020-01-01"},
}


def raw(of: Source, form: Form) -> dict[str, Any]:
    generator = {"generator": form.name} if of.synthetic else {}
    return {"source": of.name, **generator, **REQUIRED.get(of.name, {})}


@pytest.mark.parametrize(("of", "form"), FORMS, ids=lambda each: each.name)
def test_each_form_is_good_with_its_defaults_and_reads_back_as_itself(of: Source, form: Form) -> None:
    request = read_request(raw(of, form))
    assert (request.source, request.form) == (of.name, form.name)
    again = json.loads(json.dumps(request.to_json()))
    assert read_request(again) == request
    schema = request_schema(form, of)
    Draft202012Validator.check_schema(schema)
    assert Draft202012Validator(schema).is_valid(again)


@pytest.mark.parametrize(
    ("request_", "code", "place"),
    [
        (None, Code.INVALID, ("source",)),
        ({}, Code.REQUIRED, ("source",)),
        ({"source": "yahoo"}, Code.UNKNOWN, ("source",)),
        ({"source": "synthetic"}, Code.REQUIRED, ("generator",)),
        ({"source": "synthetic", "generator": "dream"}, Code.UNKNOWN, ("generator",)),
        ({"source": "skfolio", "generator": "regimes"}, Code.UNKNOWN, ("generator",)),
        ({"source": "skfolio", "symbols": ["TSLA"]}, Code.INVALID, ("symbols", "0")),
        ({"source": "skfolio", "start": "2020-01-01", "end": "2019-01-01"}, Code.OUT_OF_RANGE, ("end",)),
        ({"source": "synthetic", "generator": "noise", "rows": 5}, Code.OUT_OF_RANGE, ("rows",)),
        (
            {"source": "synthetic", "generator": "noise", "rows": 10_000_000, "features": 500},
            Code.OUT_OF_RANGE,
            ("rows",),
        ),
        ({"source": "yfinance", "symbols": ["AAPL"]}, Code.REQUIRED, ("start",)),
        (
            {"source": "ccxt", "symbols": ["BTC/USDT"], "start": "2020-01-01", "exchange": "localhost"},
            Code.UNKNOWN,
            ("exchange",),
        ),
        (
            {"source": "ccxt", "symbols": ["BTC/USDT"], "start": "2020-01-01", "url": "http://10.0.0.1"},
            Code.UNKNOWN,
            ("url",),
        ),
        (
            {"source": "yfinance", "symbols": [f"A{place}" for place in range(51)], "start": "2020-01-01"},
            Code.TOO_LONG,
            ("symbols",),
        ),
    ],
)
def test_a_bad_request_is_refused_with_its_place(request_: Any, code: Code, place: tuple[str, ...]) -> None:
    (problem,) = validate_request(request_)
    assert (problem.code, problem.field) == (code, place)


EVIL = [
    *("", " ", ".", "..", "../A", "A/../B", "A/B/C", "//", "a", "A B", "A\n", "A\x00", "A?x=1", "A#b", "A%2e", "A\\B"),
    *("http://10.0.0.1/", "localhost:80", "@A", "A@B", "\u0410", "A" * 60, "A..B", "-A", "A;B", "A&B"),
]


@pytest.mark.parametrize("name", ["yfinance", "akshare", "ccxt"])
@pytest.mark.parametrize("symbol", EVIL)
def test_a_symbol_can_only_be_a_symbol(name: str, symbol: str) -> None:
    (problem,) = validate_request({"source": name, **REQUIRED[name], "symbols": [symbol]})
    assert (problem.code, problem.field) == (Code.INVALID, ("symbols", "0"))


@pytest.mark.parametrize(
    ("name", "symbols"),
    [
        ("yfinance", ["AAPL", "^GSPC", "BRK-B", "0700.HK", "EURUSD=X", "ES=F", "BTC-USD", "RDS-A.L"]),
        ("akshare", ["600519", "000001"]),
        ("ccxt", ["BTC/USDT", "ETH/BTC", "1INCH/USDT", "BTC/USDT:USDT"]),
    ],
)
def test_symbols_as_their_sources_write_them_are_good(name: str, symbols: list[str]) -> None:
    assert validate_request({"source": name, **REQUIRED[name], "symbols": symbols}) == ()


def test_a_source_says_what_it_can_do_and_what_it_needs() -> None:
    assert [each.name for each in sources()] == ["synthetic", "skfolio", "yfinance", "akshare", "ccxt"]
    assert (source("synthetic").package, source("synthetic").needs_network, source("synthetic").remedy) == (
        None,
        False,
        None,
    )
    assert (source("skfolio").needs_network, source("skfolio").remedy) == (False, "pip install skfolio")
    assert source("ccxt").needs_network
    assert not any(each.needs_key for each in sources())


def test_there_is_a_demo_dataset_for_each_task_and_all_of_them_are_made_up() -> None:
    demos = demo_datasets()
    assert [demo.task_type for demo in demos] == list(TaskType)
    assert {demo.request.source for demo in demos} == {"synthetic"}
    assert all("synthetic" in demo.name for demo in demos)
    assert len({demo.slug for demo in demos}) == len(demos)


def test_the_recipes_of_the_demos_fit_their_data() -> None:
    bars = ("time", "symbol", "open", "high", "low", "close", "volume")
    coin = demo_datasets()[0]
    features = [name for name in columns_after(coin.recipe, bars) if kind_of(name).value == "feature"]
    assert len(features) == 14
