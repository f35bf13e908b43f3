"""The service's calls, each with typed words and a typed answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from types import TracebackType
from typing import Self

import httpx

from workers.engines.trademaster.answers import Answer, Labelled, Status, session_of, status_of, text_of
from workers.engines.trademaster.breaker import Breaker, State
from workers.engines.trademaster.calls import Calls, Sleep
from workers.engines.trademaster.errors import Declined, SessionLost, Unreachable
from workers.engines.trademaster.labelling_offer import LabellingOffer, LabellingWords
from workers.engines.trademaster.names import dataset_file
from workers.engines.trademaster.offer import Offer, TrainingWords
from workers.engines.trademaster.upload import UploadRow, rows_as_json


class TradeMasterClient:
    """One service. Reads raise SessionLost, Declined or Unreachable; writes Declined or Unreachable.

    The words of a training or labelling come from an offer of the service, never from a person.
    """

    def __init__(
        self,
        base_url: str,
        *,
        breaker: Breaker,
        sleep: Sleep,
        timeout_s: float = 30,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._http = httpx.AsyncClient(base_url=base_url, transport=transport, timeout=timeout_s, trust_env=False)
        self._calls = Calls(self._http, breaker=breaker, sleep=sleep, timeout_s=timeout_s)
        self._breaker = breaker

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._http.aclose()

    @property
    def state(self) -> State:
        """That of the breaker, for /ready and doctor."""
        return self._breaker.state

    async def healthy(self) -> bool:
        """Whether it answers; asks once."""
        try:
            await self._calls.read("healthcheck", tries=1)
        except (Unreachable, Declined):
            return False
        return True

    async def offer(self) -> Offer:
        return Offer.of(await self._calls.read("getParameters"))

    async def labelling_offer(self, session: str | None = None) -> LabellingOffer:
        """With a session also the datasets and labels that only it has."""
        body = {} if session is None else {"session_id": session}
        return LabellingOffer.of(await self._calls.read("evaluation_getParameters", body))

    async def train(self, words: TrainingWords) -> str:
        """The session."""
        return session_of(await self._calls.write("train", words.body()))

    async def train_status(self, session: str) -> Status:
        answer = await self._status("train_status", session)
        return status_of(answer, end="train_end", picture="result_plot")

    async def test(self, session: str) -> None:
        await self._calls.write("test", {"session_id": session})

    async def test_status(self, session: str) -> Status:
        answer = await self._status("test_status", session)
        return status_of(answer, end="test_end", picture="result_plot")

    async def upload(self, name: str, rows: Sequence[UploadRow]) -> str:
        """The session in which the dataset `custom:name` then is; the name comes from `names.upload_name`."""
        body = {"file_name": dataset_file(name), "file": rows_as_json(rows), "session_id": ""}
        return session_of(await self._calls.write("upload_csv", body))

    async def start_labelling(self, words: LabellingWords, session: str | None = None) -> str:
        """The session; without one a new one is made."""
        body = {"session_id": session or "", **asdict(words)}
        return session_of(await self._calls.write("start_market_dynamics_labeling", body))

    async def labelling_status(self, session: str) -> Status:
        try:
            answer = await self._calls.read("MDM_status", {"session_id": session})
        except Declined as error:
            # The same sentence also says that a known session has not begun to label.
            if f"'{session}'" in error.message:
                raise SessionLost from error
            raise
        return status_of(
            answer,
            end="MDM_end",
            picture="market_dynamic_labeling_visulization",
            analysis="market_dynamic_labeling_analysis",
        )

    async def save_labelling(self, session: str) -> None:
        await self._calls.write("save_market_dynamics_labeling", {"session_id": session})

    async def labelled(self, session: str) -> Labelled:
        answer = await self._calls.read("download_csv", {"session_id": session})
        return Labelled(text_of(answer, "data"), text_of(answer, "filename"))

    async def start_dynamics_test(self, session: str, label: int) -> None:
        await self._calls.write("run_dynamics_test", _label_body(session, label))

    async def dynamics_test_status(self, session: str, label: int) -> Status:
        try:
            answer = await self._calls.read("dynamics_testing_status", _label_body(session, label))
        except Unreachable:
            # A session it does not know breaks this call, so another one must tell which it is.
            await self.train_status(session)
            raise
        return status_of(answer, end="dynamics_testing_end", picture="radar_plot")

    async def _status(self, name: str, session: str) -> Answer:
        try:
            return await self._calls.read(name, {"session_id": session})
        except Declined as error:
            raise SessionLost from error


def _label_body(session: str, label: int) -> Answer:
    return {"session_id": session, "dynamics_test_label": str(label)}
