"""Letters to people: by SMTP, or into the log of somebody's own machine."""

from __future__ import annotations

import asyncio
import ssl
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP as SMTP_POLICY
from email.utils import format_datetime, make_msgid, parseaddr

import aiosmtplib
import structlog
from email_validator import EmailNotValidError, validate_email

from app.adapters.smtp_server import SmtpServer
from app.errors import CannotStart
from app.settings import Settings
from domain.accounts.ports import Mail, Mailer
from domain.clock import Clock, utc_now
from domain.errors import Unavailable

log = structlog.get_logger(__name__)

COMMAND_TIMEOUT_S = 10
LETTER_TIMEOUT_S = 30


def make_mailer(settings: Settings, clock: Clock = utc_now) -> Mailer:
    """Raises CannotStart when the settings make no sense."""
    if settings.smtp_url is None:
        return ConsoleMailer(show_text=settings.embedded)
    return SmtpMailer(SmtpServer.at(settings.smtp_url.get_secret_value()), _sender(settings.mail_from), clock)


class ConsoleMailer:
    """Writes letters to the log. Away from one's own machine without the text: it may open an account."""

    def __init__(self, *, show_text: bool = True) -> None:
        self._show_text = show_text

    async def send(self, mail: Mail) -> None:
        if self._show_text:
            letter = f"mail to {mail.to}: {mail.subject}\n\n{mail.text}\n"
            log.info(letter)
        else:
            log.warning("mail not sent: set TMW_SMTP_URL", to=mail.to, subject=mail.subject)


def _sender(text: str) -> Address:
    name, address = parseaddr(text)
    try:
        return Address(name, addr_spec=address)
    except (ValueError, IndexError) as error:
        raise CannotStart(
            f"TMW_MAIL_FROM is no sender: {text}.", "Write it like: Research desk <desk@example.org>."
        ) from error


class SmtpMailer:
    """Hands letters to a mail server, and says so when it does not take them."""

    def __init__(
        self, server: SmtpServer, sender: Address, clock: Clock, *, tls_context: ssl.SSLContext | None = None
    ) -> None:
        self._server = server
        self._sender = sender
        self._clock = clock
        self._tls_context = tls_context

    async def send(self, mail: Mail) -> None:
        letter = self._letter(mail)
        try:
            async with asyncio.timeout(LETTER_TIMEOUT_S):
                await self._hand_over(letter)
        except (aiosmtplib.SMTPException, OSError, TimeoutError) as error:
            where = f"{self._server.host}:{self._server.port}"
            log.warning("mail not sent", server=where, to=mail.to, error=_reason(error))
            raise Unavailable(f"The mail server {where} did not take the letter: {_reason(error)}") from error

    async def _hand_over(self, letter: EmailMessage) -> None:
        server = self._server
        await aiosmtplib.send(
            letter,
            hostname=server.host,
            port=server.port,
            username=server.username,
            password=server.password,
            use_tls=server.use_tls,
            start_tls=server.start_tls,
            tls_context=self._tls_context,
            timeout=COMMAND_TIMEOUT_S,
            # Else the library asks the name service for ours, which may take long and tells an internal name.
            local_hostname=self._sender.domain,
        )

    def _letter(self, mail: Mail) -> EmailMessage:
        letter = EmailMessage(policy=SMTP_POLICY)
        letter["From"] = self._sender
        letter["To"] = _recipient(mail.to)
        # Names of people's own things come in here: a line break in one must not begin a header.
        letter["Subject"] = " ".join(mail.subject.split())
        letter["Date"] = format_datetime(self._clock())
        letter["Message-ID"] = make_msgid(domain=self._sender.domain)
        letter["Auto-Submitted"] = "auto-generated"
        letter.set_content(mail.text)
        return letter


def _recipient(to: str) -> Address:
    """One address and never two, its domain in the letters that all mail servers read."""
    try:
        address = validate_email(to, check_deliverability=False, allow_smtputf8=False)
    except EmailNotValidError as error:
        raise ValueError("A letter goes to one e-mail address.") from error
    return Address(addr_spec=address.ascii_email or address.normalized)


def _reason(error: BaseException) -> str:
    if isinstance(error, aiosmtplib.SMTPRecipientsRefused):
        return "; ".join(_reason(each) for each in error.recipients)
    if isinstance(error, aiosmtplib.SMTPResponseException):
        return f"{error.code} {error.message}"
    return str(error) or type(error).__name__
