"""Letters arrive as they were meant, or somebody hears why not."""

from __future__ import annotations

import ssl
from datetime import UTC, datetime, timedelta
from email.headerregistry import Address
from pathlib import Path
from typing import Any

import pytest
import structlog
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import SecretStr

from app.adapters.mail import SmtpMailer, make_mailer
from app.adapters.smtp_server import SmtpServer
from app.errors import CannotStart
from app.settings import Settings
from domain.accounts.ports import Mail
from domain.errors import Unavailable
from tests.support.clock import StandingClock
from tests.support.smtp import FakeSmtpServer

SENDER = Address("Research desk", addr_spec="desk@example.org")
MAIL = Mail("ada@example.org", "Reset your password", "Dear Ada,\n\nfollow https://example.org/reset?token=tmp_x\n.\n")


def mailer(server: FakeSmtpServer, more: str = "", **changes: Any) -> SmtpMailer:
    where = SmtpServer.at(f"{changes.pop('scheme', 'smtp')}://{more}localhost:{server.port}")
    return SmtpMailer(where, SENDER, StandingClock(), **changes)


async def test_a_letter_arrives_as_it_was_written() -> None:
    async with FakeSmtpServer() as server:
        await mailer(server).send(MAIL)

    [letter] = server.letters
    assert (letter.sender, letter.recipients) == ("desk@example.org", ["ada@example.org"])
    message = letter.message
    assert message["From"] == "Research desk <desk@example.org>"
    assert message["To"] == "ada@example.org"
    assert message["Subject"] == "Reset your password"
    assert message["Date"] == "Mon, 02 Mar 2026 12:00:00 +0000"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Message-ID"].endswith("@example.org>")
    assert message.get_content().replace("\r\n", "\n") == MAIL.text


async def test_a_letter_in_other_scripts_arrives_whole() -> None:
    async with FakeSmtpServer() as server:
        await mailer(server).send(Mail("ada@bücher.example.org", "Ihr Lauf ist fertig: Größe 10 €", "Grüße, 李\n"))

    [letter] = server.letters
    assert letter.recipients == ["ada@xn--bcher-kva.example.org"]
    assert letter.message["Subject"] == "Ihr Lauf ist fertig: Größe 10 €"
    assert letter.message.get_content() == "Grüße, 李\n"


@pytest.mark.parametrize("brk", ["\n", "\r\n", "\r", "\x0b", "\x0c", "\x85", "\u2028", "\n "])
async def test_no_header_can_be_smuggled_in_by_the_subject(brk: str) -> None:
    async with FakeSmtpServer() as server:
        await mailer(server).send(Mail(MAIL.to, f"Done{brk}Bcc: eve@example.org{brk}{brk}body", "text"))

    [letter] = server.letters
    assert letter.recipients == ["ada@example.org"]
    assert letter.message["Bcc"] is None
    assert letter.message.get_content() == "text\r\n"


@settings(max_examples=60)
@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_whatever_the_subject_is_there_are_no_other_headers(subject: str) -> None:
    letter = SmtpMailer(SmtpServer.at("smtp://localhost"), SENDER, StandingClock())._letter(
        Mail(MAIL.to, subject, "text")
    )
    head = letter.as_bytes().partition(b"\r\n\r\n")[0]
    names = [line.partition(b":")[0] for line in head.split(b"\r\n") if not line.startswith((b" ", b"\t"))]
    assert sorted(names) == sorted(name.encode() for name in letter)
    assert b"\n" not in head.replace(b"\r\n", b"")


@pytest.mark.parametrize(
    "to",
    ["", "ada", "ada@example.org, eve@example.org", "ada@example.org\nBcc: eve@example.org", "A <ada@example.org>"],
)
async def test_a_letter_goes_to_one_address_and_nothing_else(to: str) -> None:
    async with FakeSmtpServer() as server:
        with pytest.raises(ValueError, match="one e-mail address"):
            await mailer(server).send(Mail(to, "Hello", "text"))
    assert server.commands == []


@pytest.mark.parametrize(
    ("refuse", "said"),
    [
        ({"RCPT": "550 No such user here"}, "550 No such user here"),
        ({"MAIL": "553 Sender unknown"}, "553 Sender unknown"),
        ({"DATA": "452 Disk full"}, "452 Disk full"),
        ({"CONNECT": "554 Go away"}, "554 Go away"),
        ({"AUTH": "535 Wrong password"}, "535 Wrong password"),
    ],
)
async def test_a_refusal_is_told_in_the_servers_own_words_and_without_the_password(
    refuse: dict[str, str], said: str
) -> None:
    async with FakeSmtpServer(refuse=refuse) as server:
        with pytest.raises(Unavailable) as caught:
            await mailer(server, "desk:hush@").send(MAIL)

    assert str(caught.value) == f"The mail server localhost:{server.port} did not take the letter: {said}"
    assert "hush" not in str(caught.value)
    assert server.letters == []


async def test_a_server_that_is_not_there_is_told() -> None:
    async with FakeSmtpServer() as server:
        gone = mailer(server)
    with pytest.raises(Unavailable, match=f"localhost:{server.port}"):
        await gone.send(MAIL)


async def test_it_logs_in_with_the_words_of_the_url() -> None:
    async with FakeSmtpServer() as server:
        await mailer(server, "desk%40example.org:h%3Aush%2F@").send(MAIL)
    assert server.letters[0].login == ("desk@example.org", "h:ush/")


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    key = generate_private_key(SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    signed = (
        x509.CertificateBuilder(issuer_name=name, subject_name=name, public_key=key.public_key(), serial_number=1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, SHA256())
    )
    file = tmp_path_factory.mktemp("tls") / "certificate.pem"
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    file.write_bytes(signed.public_bytes(Encoding.PEM) + private)
    return file


@pytest.fixture
def server_tls(certificate: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


@pytest.fixture
def client_tls(certificate: Path) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(certificate))


async def test_tls_from_the_first_byte(server_tls: ssl.SSLContext, client_tls: ssl.SSLContext) -> None:
    async with FakeSmtpServer(tls=server_tls, implicit_tls=True) as server:
        await mailer(server, "desk:hush@", scheme="smtps", tls_context=client_tls).send(MAIL)
    assert server.letters[0].encrypted
    assert "STARTTLS" not in server.commands


async def test_tls_is_taken_when_it_is_offered(server_tls: ssl.SSLContext, client_tls: ssl.SSLContext) -> None:
    async with FakeSmtpServer(tls=server_tls) as server:
        await mailer(server, "desk:hush@", tls_context=client_tls).send(MAIL)
    assert server.letters[0].encrypted
    assert server.commands.index("STARTTLS") < server.commands.index("AUTH")


async def test_a_certificate_that_nobody_vouches_for_is_refused(server_tls: ssl.SSLContext) -> None:
    async with FakeSmtpServer(tls=server_tls) as server:
        with pytest.raises(Unavailable, match="certificate"):
            await mailer(server, "desk:hush@").send(MAIL)
    assert "AUTH" not in server.commands


async def test_to_another_machine_nothing_goes_in_the_clear_unasked() -> None:
    async with FakeSmtpServer() as server:
        away = SmtpServer.at("smtp://desk:hush@mail.example.org")
        here = SmtpServer("localhost", server.port, away.username, away.password, away.use_tls, away.start_tls)
        with pytest.raises(Unavailable):
            await SmtpMailer(here, SENDER, StandingClock()).send(MAIL)
    assert "AUTH" not in server.commands
    assert server.letters == []


@pytest.mark.parametrize(
    ("url", "host", "port", "use_tls", "start_tls"),
    [
        ("smtp://mail.example.org", "mail.example.org", 587, False, True),
        ("smtp://mail.example.org:25?tls=none", "mail.example.org", 25, False, False),
        ("smtps://mail.example.org", "mail.example.org", 465, True, False),
        ("smtps://mail.example.org:2465", "mail.example.org", 2465, True, False),
        ("smtp://localhost:1025", "localhost", 1025, False, None),
        ("smtp://127.0.0.1:1025", "127.0.0.1", 1025, False, None),
        ("smtp://[::1]:1025", "::1", 1025, False, None),
    ],
)
def test_the_url_says_where_and_how(url: str, host: str, port: int, use_tls: bool, start_tls: bool | None) -> None:
    assert SmtpServer.at(url) == SmtpServer(host, port, None, None, use_tls, start_tls)


@pytest.mark.parametrize(
    "url", ["", "mail.example.org", "http://mail.example.org", "smtp://", "smtp://host:port", "smtp://h?tls=maybe"]
)
def test_a_url_that_makes_no_sense_stops_the_start(url: str) -> None:
    with pytest.raises(CannotStart, match="TMW_SMTP_URL"):
        make_mailer(plain_settings(smtp_url=SecretStr(url)))


@pytest.mark.parametrize("sender", ["", "nobody", "a@b@c", "x <>"])
def test_a_sender_that_makes_no_sense_stops_the_start(sender: str) -> None:
    with pytest.raises(CannotStart, match="TMW_MAIL_FROM"):
        make_mailer(plain_settings(smtp_url=SecretStr("smtp://localhost"), mail_from=sender))


def test_a_server_does_not_show_its_password() -> None:
    assert "hush" not in repr(SmtpServer.at("smtp://desk:hush@localhost"))


def plain_settings(**changes: Any) -> Settings:
    return Settings(_env_file=None).with_(**{"database_url": None, "smtp_url": None, **changes})


async def test_the_default_sender_of_the_settings_works() -> None:
    async with FakeSmtpServer() as server:
        url = SecretStr(f"smtp://localhost:{server.port}")
        await make_mailer(plain_settings(smtp_url=url)).send(MAIL)
    assert server.letters[0].message["From"] == "TradeMaster Web <no-reply@localhost>"


async def test_on_ones_own_machine_the_log_shows_the_letter() -> None:
    with structlog.testing.capture_logs() as logged:
        await make_mailer(plain_settings()).send(MAIL)
    [line] = logged
    assert "ada@example.org: Reset your password" in line["event"]
    assert MAIL.text in line["event"]


async def test_elsewhere_the_log_says_only_that_nothing_was_sent() -> None:
    with structlog.testing.capture_logs() as logged:
        await make_mailer(plain_settings(database_url=SecretStr("postgresql://x/y"))).send(MAIL)
    assert [line["log_level"] for line in logged] == ["warning"]
    assert "tmp_x" not in str(logged)
