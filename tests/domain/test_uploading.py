"""Taking in uploads: whole, in pieces, too much of it, and by whom it is taken over."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from domain.blobs import Content
from domain.errors import Code, Refused, Unavailable
from domain.ids import new_id
from domain.transfers import UploadTicket
from domain.uploading import Delivery, Intake, PartInUse, Progress, Received, TooLarge, WrongOffset
from persistence.blobs.parts import PartFolder
from tests.support.clock import NOON

DATA = bytes(range(256)) * 40
WHOLE = Content(hashlib.sha256(DATA).hexdigest(), len(DATA))


class Noun:
    """Takes files over, unless it is told to fail."""

    def __init__(self) -> None:
        self.taken: list[tuple[UploadTicket, Content, bytes]] = []
        self.fails: list[Exception] = []

    async def finished(self, ticket: UploadTicket, received: Received) -> None:
        if self.fails:
            raise self.fails.pop()
        self.taken.append((ticket, received.content, received.path.read_bytes()))
        received.path.unlink()


@pytest.fixture
def parts(tmp_path: Path) -> Iterator[PartFolder]:
    folder = PartFolder(tmp_path / "uploads")
    yield folder
    folder.close()


@pytest.fixture
def noun() -> Noun:
    return Noun()


@pytest.fixture
def intake(parts: PartFolder, noun: Noun) -> Intake:
    return Intake(parts=parts, uploads=noun)


@pytest.fixture
def ticket() -> UploadTicket:
    return UploadTicket(new_id(), new_id(), "csv", len(DATA), NOON + timedelta(minutes=15))


async def chunks(data: bytes, size: int = 1_000) -> AsyncIterator[bytes]:
    for start in range(0, len(data), size):
        yield data[start : start + size]


async def broken(data: bytes) -> AsyncIterator[bytes]:
    yield data
    raise ConnectionResetError


def delivery(data: bytes, offset: int | None = None, *, told: bool = True, is_last: bool = True) -> Delivery:
    return Delivery(chunks(data), offset, len(data) if told else None, is_last)


@pytest.mark.parametrize("told", [True, False])
async def test_a_whole_file_is_handed_over(intake: Intake, noun: Noun, ticket: UploadTicket, told: bool) -> None:
    assert await intake.progress(ticket) == Progress(0)
    assert await intake.take(ticket, delivery(DATA, told=told)) == Progress(len(DATA), WHOLE)
    assert noun.taken == [(ticket, WHOLE, DATA)]
    assert await intake.progress(ticket) == Progress(len(DATA), WHOLE)


async def test_an_empty_file_is_a_file(intake: Intake, noun: Noun, ticket: UploadTicket) -> None:
    nothing = Content(hashlib.sha256().hexdigest(), 0)
    assert await intake.take(ticket, delivery(b"")) == Progress(0, nothing)
    assert noun.taken == [(ticket, nothing, b"")]


async def test_pieces_make_a_file(intake: Intake, noun: Noun, ticket: UploadTicket) -> None:
    assert await intake.take(ticket, delivery(DATA[:300], is_last=False)) == Progress(300)
    assert await intake.take(ticket, delivery(DATA[300:7_000], 300, is_last=False)) == Progress(7_000)
    assert noun.taken == []
    assert await intake.take(ticket, delivery(DATA[7_000:], 7_000)) == Progress(len(DATA), WHOLE)
    assert noun.taken == [(ticket, WHOLE, DATA)]


async def test_what_a_broken_connection_brought_stays(intake: Intake, noun: Noun, ticket: UploadTicket) -> None:
    with pytest.raises(ConnectionResetError):
        await intake.take(ticket, Delivery(broken(DATA[:777]), None, len(DATA)))
    assert await intake.progress(ticket) == Progress(777)
    assert await intake.take(ticket, delivery(DATA[777:], 777)) == Progress(len(DATA), WHOLE)
    assert noun.taken == [(ticket, WHOLE, DATA)]


async def test_without_an_offset_it_begins_anew(intake: Intake, noun: Noun, ticket: UploadTicket) -> None:
    await intake.take(ticket, delivery(b"something else", is_last=False))
    assert await intake.take(ticket, delivery(DATA)) == Progress(len(DATA), WHOLE)
    assert noun.taken == [(ticket, WHOLE, DATA)]


@pytest.mark.parametrize("offset", [0, 299, 301, 10**14])
async def test_a_wrong_offset_changes_nothing(intake: Intake, ticket: UploadTicket, offset: int) -> None:
    await intake.take(ticket, delivery(DATA[:300], is_last=False))
    with pytest.raises(WrongOffset) as refusal:
        await intake.take(ticket, delivery(DATA[300:], offset))
    assert refusal.value.progress == Progress(300)
    assert await intake.progress(ticket) == Progress(300)


async def test_too_much_is_refused_before_it_comes(intake: Intake, ticket: UploadTicket) -> None:
    await intake.take(ticket, delivery(DATA[:300], is_last=False))
    for late in (delivery(DATA, 300), delivery(DATA + b"!")):
        with pytest.raises(TooLarge) as refusal:
            await intake.take(ticket, late)
        assert refusal.value.max_bytes == len(DATA)
    assert await intake.progress(ticket) == Progress(300)


async def test_too_much_without_a_warning_leaves_nothing(
    intake: Intake, noun: Noun, ticket: UploadTicket, tmp_path: Path
) -> None:
    with pytest.raises(TooLarge):
        await intake.take(ticket, delivery(DATA + b"!", told=False))
    assert await intake.progress(ticket) == Progress(0)
    assert list((tmp_path / "uploads").iterdir()) == []
    assert noun.taken == []


async def test_the_limit_itself_is_not_too_much(intake: Intake, ticket: UploadTicket) -> None:
    assert (await intake.take(ticket, delivery(DATA, told=False))).complete == WHOLE


async def test_one_request_at_a_time(intake: Intake, parts: PartFolder, ticket: UploadTicket) -> None:
    async with parts.hold(ticket.upload_id):
        with pytest.raises(PartInUse):
            await intake.take(ticket, delivery(DATA))
    assert (await intake.take(ticket, delivery(DATA))).complete == WHOLE


async def test_the_lost_answer_is_given_again(intake: Intake, noun: Noun, ticket: UploadTicket) -> None:
    await intake.take(ticket, delivery(DATA))
    assert await intake.take(ticket, delivery(b"", len(DATA))) == Progress(len(DATA), WHOLE)
    assert len(noun.taken) == 1


@pytest.mark.parametrize("again", [delivery(DATA), delivery(b"x", len(DATA)), delivery(b"", 0)])
async def test_a_complete_upload_takes_nothing_more(
    intake: Intake, noun: Noun, ticket: UploadTicket, again: Delivery
) -> None:
    await intake.take(ticket, delivery(DATA))
    with pytest.raises(WrongOffset) as refusal:
        await intake.take(ticket, again)
    assert refusal.value.progress == Progress(len(DATA), WHOLE)
    assert len(noun.taken) == 1


async def test_an_unwanted_upload_leaves_nothing(
    intake: Intake, noun: Noun, ticket: UploadTicket, tmp_path: Path
) -> None:
    noun.fails = [Refused.because(Code.NOT_FOUND, "There is no such dataset.")]
    with pytest.raises(Refused):
        await intake.take(ticket, delivery(DATA))
    assert list((tmp_path / "uploads").iterdir()) == []


async def test_a_failure_of_ours_loses_no_bytes(intake: Intake, noun: Noun, ticket: UploadTicket) -> None:
    noun.fails = [Unavailable()]
    with pytest.raises(Unavailable):
        await intake.take(ticket, delivery(DATA))
    assert await intake.progress(ticket) == Progress(len(DATA))
    assert await intake.take(ticket, delivery(b"", len(DATA))) == Progress(len(DATA), WHOLE)
    assert noun.taken == [(ticket, WHOLE, DATA)]


async def test_uploads_do_not_mix(intake: Intake, noun: Noun, ticket: UploadTicket) -> None:
    other = UploadTicket(new_id(), ticket.user_id, "csv", 100, ticket.expires_at)
    await intake.take(ticket, delivery(DATA[:300], is_last=False))
    await intake.take(other, delivery(b"other"))
    assert await intake.progress(ticket) == Progress(300)
    assert [data for _, _, data in noun.taken] == [b"other"]
