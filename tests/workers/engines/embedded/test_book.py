"""What an order costs that walks down a book, computed by hand."""

from __future__ import annotations

import pytest
import torch

from tests.workers.engines.embedded.book_markets import book_market, plain_market
from workers.engines.embedded.parts.book import ASK, BID, read_book, snapshots


def filled(side: int, quantity: float, **how: float) -> float:
    book = read_book(book_market([100.0, 200.0], **how))
    return float(book.fill(side, torch.tensor([0]), torch.tensor([quantity], dtype=torch.float64)))


@pytest.mark.parametrize(
    ("side", "quantity", "price"),
    [
        (BID, 0.0, 99.5),  # nothing: the best price
        (BID, 10.0, 99.5),  # just the first level
        (BID, 30.0, (10 * 99.5 + 20 * 98.5) / 30),  # the whole book
        (ASK, 30.0, (10 * 100.5 + 20 * 101.5) / 30),
        (ASK, 15.0, (10 * 100.5 + 5 * 101.5) / 15),
        # 20 beyond: one more level like the last, 20 at 97.5
        (BID, 50.0, (10 * 99.5 + 20 * 98.5 + 20 * 97.5) / 50),
        # 40 beyond: two more, 20 at 102.5 and 20 at 103.5
        (ASK, 70.0, (10 * 100.5 + 20 * 101.5 + 20 * 102.5 + 20 * 103.5) / 70),
    ],
)
def test_an_order_takes_level_after_level(side: int, quantity: float, price: float) -> None:
    assert filled(side, quantity) == pytest.approx(price, rel=1e-12)


def test_an_endless_order_never_sells_below_nothing() -> None:
    assert filled(BID, 1e9) == pytest.approx(0, abs=1e-4)


def test_plain_bars_are_filled_at_the_close() -> None:
    book = read_book(plain_market([100.0, 103.0]))
    assert book.levels == 0
    assert book.fill(BID, torch.tensor([1]), torch.tensor([1e6], dtype=torch.float64)).tolist() == [103.0]


def test_a_gap_in_the_book_is_as_the_snapshot_before() -> None:
    market = book_market([100.0, 101.0, 102.0])
    for name in ("bid_price_1", "bid_size_1"):
        market.prices[name][1] = torch.nan
    book = read_book(market)
    assert book.prices[BID, :, 0].tolist() == [99.5, 99.5, 101.5]
    assert book.sizes[BID, :, 0].tolist() == [10.0, 10.0, 10.0]


def test_a_level_that_is_not_whole_is_not_used() -> None:
    market = book_market([100.0, 101.0])
    del market.prices["ask_size_2"]
    assert read_book(market).levels == 1


def test_what_is_seen_of_a_book_depends_on_its_own_row_only() -> None:
    market = book_market([100.0, 101.0, 90.0])
    seen = snapshots(market, read_book(market))
    assert seen.shape == (3, 4 + 4 + 1)
    assert seen[:, -1].tolist() == [0.0, 1.0, 2.0]
    # Sizes 10 and 20 against a mean of 15; levels at 0.5 and 1.5 from the middle of a book that is 3 wide.
    assert seen[0, :8].tolist() == pytest.approx(
        [-0.405465, 0.287682, -0.405465, 0.287682, -1 / 3, -1, 1 / 3, 1], abs=1e-6
    )
