"""A mail server that speaks real SMTP and keeps what it was given; or refuses, as it is told."""

from __future__ import annotations

import asyncio
import ssl
from base64 import b64decode
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP
from types import TracebackType
from typing import Self


@dataclass
class Received:
    sender: str
    recipients: list[str]
    raw: bytes
    encrypted: bool
    login: tuple[str, str] | None

    @property
    def message(self) -> EmailMessage:
        message = message_from_bytes(self.raw, policy=SMTP)
        assert isinstance(message, EmailMessage)
        return message


@dataclass
class FakeSmtpServer:
    """`refuse` maps a command ("RCPT", "MAIL", "DATA", "AUTH", "CONNECT") to the line it is answered with."""

    tls: ssl.SSLContext | None = None
    implicit_tls: bool = False
    refuse: dict[str, str] = field(default_factory=dict)
    letters: list[Received] = field(default_factory=list)
    commands: list[str] = field(default_factory=list)

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(
            self._serve, "127.0.0.1", 0, ssl=self.tls if self.implicit_tls else None
        )
        self.port: int = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.close()
        await self._server.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await _Talk(self, reader, writer).run()
        except ConnectionError:
            pass
        finally:
            writer.close()


class _Talk:
    def __init__(self, server: FakeSmtpServer, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.server, self.reader, self.writer = server, reader, writer
        self.encrypted = server.implicit_tls
        self.login: tuple[str, str] | None = None
        self.sender = ""
        self.recipients: list[str] = []

    async def run(self) -> None:
        await self.say(self.server.refuse.get("CONNECT", "220 fake.example ESMTP"))
        while line := (await self.reader.readline()).decode().strip():
            verb = line.split()[0].upper()
            self.server.commands.append(verb)
            if verb in self.server.refuse:
                await self.say(self.server.refuse[verb])
            elif verb == "QUIT":
                await self.say("221 Bye")
                return
            else:
                await getattr(self, f"on_{verb.lower()}", self.on_other)(line)

    async def on_ehlo(self, line: str) -> None:
        offers = ["fake.example", "AUTH PLAIN", "SIZE 1000000"]
        if self.server.tls and not self.encrypted:
            offers.append("STARTTLS")
        await self.say(*[f"250-{offer}" for offer in offers[:-1]], f"250 {offers[-1]}")

    async def on_starttls(self, line: str) -> None:
        assert self.server.tls is not None
        await self.say("220 Go ahead")
        await self.writer.start_tls(self.server.tls)
        self.encrypted = True

    async def on_auth(self, line: str) -> None:
        _, user, password = b64decode(line.split()[2]).decode().split("\0")
        self.login = (user, password)
        await self.say("235 Welcome")

    async def on_mail(self, line: str) -> None:
        self.sender = line.partition("<")[2].partition(">")[0]
        await self.say("250 OK")

    async def on_rcpt(self, line: str) -> None:
        self.recipients.append(line.partition("<")[2].partition(">")[0])
        await self.say("250 OK")

    async def on_data(self, line: str) -> None:
        await self.say("354 Go on")
        raw = (await self.reader.readuntil(b"\r\n.\r\n"))[:-3].replace(b"\r\n..", b"\r\n.")
        self.server.letters.append(Received(self.sender, self.recipients, raw, self.encrypted, self.login))
        await self.say("250 Taken")

    async def on_other(self, line: str) -> None:
        await self.say("500 What?")

    async def say(self, *lines: str) -> None:
        self.writer.write("".join(f"{line}\r\n" for line in lines).encode())
        await self.writer.drain()
