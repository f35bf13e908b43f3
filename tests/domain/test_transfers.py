"""Tickets: what they carry, and that nothing else passes for one."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.blobs import Owner
from domain.transfers import BadTicket, DownloadTicket, ExpiredTicket, Seal, Tickets, TransferLinks, UploadTicket
from tests.support.clock import NOON, StandingClock

UPLOAD_KEY, DOWNLOAD_KEY, OTHER_KEY = b"u" * 32, b"d" * 32, b"o" * 32
USER, THING = UUID(int=7), UUID(int=9)
LATER = NOON + timedelta(minutes=15)
UPLOAD = UploadTicket(THING, USER, "csv", 1_000, LATER)
DOWNLOAD = DownloadTicket(Owner("dataset", THING, "original"), USER, "prices.csv", "text/csv", LATER)


def tickets(clock: StandingClock, upload_key: bytes = UPLOAD_KEY, *more: bytes) -> Tickets:
    return Tickets(upload_keys=[upload_key, *more], download_keys=[DOWNLOAD_KEY], clock=clock)


def test_a_ticket_carries_what_it_was_made_of(clock: StandingClock) -> None:
    made = tickets(clock)
    assert made.upload(made.of_upload(UPLOAD)) == UPLOAD
    assert made.download(made.of_download(DOWNLOAD)) == DOWNLOAD


@given(name=st.text(max_size=150), kind=st.text(max_size=20), size=st.integers(0, 2**62))
def test_whatever_the_words_are(name: str, kind: str, size: int) -> None:
    made = tickets(StandingClock())
    download = DownloadTicket(Owner(kind, THING, "part"), USER, name, "text/csv", LATER)
    upload = UploadTicket(THING, USER, kind, size, LATER)
    text = made.of_download(download)
    assert text.isascii()
    assert (made.download(text), made.upload(made.of_upload(upload))) == (download, upload)


def test_a_ticket_goes_into_an_address_as_it_is(clock: StandingClock) -> None:
    text = tickets(clock).of_upload(UPLOAD)
    assert set(text.removeprefix("tmu_")) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")


def test_a_ticket_ends_at_its_second(clock: StandingClock) -> None:
    made = tickets(clock)
    text = made.of_upload(UPLOAD)
    clock.now = LATER - timedelta(microseconds=1)
    assert made.upload(text) == UPLOAD
    clock.now = LATER
    with pytest.raises(ExpiredTicket):
        made.upload(text)


def test_no_letter_can_be_changed(clock: StandingClock) -> None:
    made = tickets(clock)
    text = made.of_upload(UPLOAD)
    for place, letter in enumerate(text):
        for other in {"A", "B", "_", "=", "\n"} - {letter}:
            with pytest.raises(BadTicket):
                made.upload(text[:place] + other + text[place + 1 :])


def test_a_ticket_is_good_for_one_purpose(clock: StandingClock) -> None:
    made = Tickets(upload_keys=[UPLOAD_KEY], download_keys=[UPLOAD_KEY], clock=clock)
    with pytest.raises(BadTicket):
        made.download(made.of_upload(UPLOAD))
    with pytest.raises(BadTicket):
        made.download(made.of_upload(UPLOAD).replace("tmu_", "tmd_"))


def test_keys_may_be_rotated(clock: StandingClock) -> None:
    old = tickets(clock).of_upload(UPLOAD)
    assert tickets(clock, OTHER_KEY, UPLOAD_KEY).upload(old) == UPLOAD
    with pytest.raises(BadTicket):
        tickets(clock, OTHER_KEY).upload(old)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "tmu_",
        "tmu_A",
        "tmu_AAAA",
        "tmd_AAAA",
        "x",
        "tmu_" + "A" * 5_000,
        "tmu_é",
        "tmu_ AAAA",
        "TMU_AAAA",
        "tmu_%41",
    ],
)
def test_rubbish_is_no_ticket(clock: StandingClock, text: str) -> None:
    with pytest.raises(BadTicket):
        tickets(clock).upload(text)


def test_one_ticket_has_one_text(clock: StandingClock) -> None:
    made = tickets(clock)
    text = made.of_upload(UPLOAD)
    for twin in (text + "=", text + "\n", text[:10] + "." + text[10:], "tmu_" + text):
        with pytest.raises(BadTicket):
            made.upload(twin)


def test_an_expired_forgery_is_a_forgery(clock: StandingClock) -> None:
    forged = Seal([OTHER_KEY], prefix="tmu_", clock=clock).close(datetime(2020, 1, 1, tzinfo=UTC))
    with pytest.raises(BadTicket) as refusal:
        tickets(clock).upload(forged)
    assert refusal.type is BadTicket


def test_links_say_where_and_until_when(clock: StandingClock) -> None:
    made = tickets(clock)
    links = TransferLinks(tickets=made, clock=clock, base_url="https://x.org", life=timedelta(minutes=15))
    upload = links.upload(THING, user_id=USER, kind="csv", max_bytes=1_000)
    assert upload.expires_at == LATER
    address, text = upload.url.rsplit("/", 1)
    assert (address, made.upload(text)) == ("https://x.org/uploads", UPLOAD)
    download = links.download(DOWNLOAD.owner, user_id=USER, name="prices.csv", media_type="text/csv")
    address, text = download.url.rsplit("/", 1)
    assert (address, made.download(text)) == ("https://x.org/downloads", DOWNLOAD)
