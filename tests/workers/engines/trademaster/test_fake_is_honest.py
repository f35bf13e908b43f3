"""The fake answers as the real service was recorded, key by key."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.support.trademaster.fake import FakeTradeMaster
from tests.support.trademaster.recorded import answer, log, recording, sent
from tests.support.trademaster.runs import Mood, Run

# What differs from run to run, and pictures and long texts that were cut in the recordings.
VARIES = {"session_id", "result_plot", "radar_plot", "debug", "filename"}
PICTURES = {"market_dynamic_labeling_visulization", "market_dynamic_labeling_analysis"}
BTC = recording("train_deepscalper")["body"]
LABEL = recording("start_market_dynamics_labeling")["body"]
UPLOAD = recording("upload_csv")["body"]


@pytest.fixture
def fake() -> FakeTradeMaster:
    return FakeTradeMaster(Mood(lines_per_poll=1_000))


class Talk:
    """Calls the fake as the recorder called the service."""

    def __init__(self, http: httpx.AsyncClient) -> None:
        self.http = http
        self.session = ""

    async def post(self, name: str, **body: Any) -> Any:
        said = (await self.http.post(f"/api/TradeMaster/{name}", json={"session_id": self.session} | body)).json()
        if said.get("session_id"):
            self.session = said["session_id"]
        return said

    async def twice(self, name: str, **body: Any) -> Any:
        await self.post(name, **body)
        return await self.post(name, **body)


@pytest.fixture
async def talk(fake: FakeTradeMaster) -> Any:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(fake.app), base_url="http://fake") as http:
        yield Talk(http)


def assert_same(said: dict[str, Any], name: str) -> None:
    recorded = answer(name)
    assert said.keys() == recorded.keys()
    for key, value in recorded.items():
        assert type(said[key]) is type(value), key
        if key == "info" and "lines total" in value:
            opening, closing = value.split("...(")[0], value.split("chars)...\n")[1]
            assert said[key].startswith(opening)
            assert said[key].endswith(closing)
        elif key not in VARIES | PICTURES:
            assert said[key] == value, key


STATELESS = [
    "getParameters",
    "healthcheck",
    "evaluation_getParameters_nosession",
    "train_bad_dqn",
    "bad_train_JPM_listed",
    "bad_train_oe_BTC_pd",
    "bad_train_exchange_ppo_missingdata",
    "bad_train_unknown_agent",
    "bad_train_unknown_dataset",
    "bad_train_unknown_optimizer",
    "bad_train_unknown_task",
    "train_deepscalper",
    "bad_train_FX_reversed_dates",
    "bad_nonjson_train_status",
    "bad_missing_keys_train_status",
    "bad_path",
    "bad_method_train",
    "upload_csv",
    "bad_upload_txt",
    "bad_upload_noname",
    "bad_upload_rawcsv",
    "bad_upload_badsess",
    "bad_unknown_session_MDM_status",
    "bad_unknown_session_download_csv",
    "bad_unknown_session_dynamics_testing_status",
    "bad_unknown_session_run_dynamics_test",
    "bad_unknown_session_save_market_dynamics_labeling",
    "bad_unknown_session_start_market_dynamics_labeling",
    "bad_unknown_session_test",
    "bad_unknown_session_test_status",
    "bad_unknown_session_train_status",
]


@pytest.mark.parametrize("name", STATELESS)
async def test_a_call_on_its_own(talk: Talk, name: str) -> None:
    recorded = recording(name)
    body = recorded["body"]
    content = {"content": body} if isinstance(body, str) else {"json": body} if body is not None else {}
    said = await talk.http.request(recorded["method"], recorded["path"], **content)
    assert said.status_code == recorded["status"]
    if recorded["json"] is None:
        assert said.text == recorded["text"]
    else:
        assert_same(said.json(), name)


@pytest.mark.parametrize(
    ("agent", "dataset", "train", "test"),
    [
        ("algorithmic_trading:deepscalper", "BTC", "train_status_deepscalper_after", "test_status_deepscalper_after"),
        ("portfolio_management:eiie", "dj30", "train_status_eiie_threads1_after", "test_status_eiie_threads1_after"),
        ("order_execution:eteo", "BTC", "train_status_eteo_after", "test_status_eteo_after"),
    ],
)
async def test_a_training_and_its_test(talk: Talk, agent: str, dataset: str, train: str, test: str) -> None:
    task = agent.partition(":")[0]
    await talk.post("train", **{**BTC, "task_name": task, "dataset_name": f"{task}:{dataset}", "agent_name": agent})
    assert_same(await talk.post("train_status"), "train_status_immediately")
    assert_same(await talk.post("train_status"), train)
    before = await talk.post("test_status")
    assert before["info"].startswith("tail: cannot open '/opt/TradeMaster/work_dir/")
    assert before.keys() == answer("test_status_before_test").keys()
    assert_same(await talk.post("test"), "test_deepscalper")
    assert_same(await talk.post("test_status"), "test_status_deepscalper_during")
    assert_same(await talk.post("test_status"), test)


async def test_runs_that_break_off(talk: Talk) -> None:
    pd = {"agent_name": "order_execution:pd", "dataset_name": "order_execution:PD_BTC", "task_name": "order_execution"}
    await talk.post("train", **{**BTC, **pd})
    assert_same(await talk.twice("train_status"), "train_status_pd_threads1_after")
    assert_same(await talk.post("test"), "test_deepscalper")
    assert_same(await talk.twice("test_status"), "test_status_pd_after")
    await talk.post("train", **recording("bad_train_FX_reversed_dates")["body"])
    assert_same(await talk.twice("train_status"), "bad_train_FX_dates_status_bfb81c42")


async def test_market_dynamics(talk: Talk, fake: FakeTradeMaster) -> None:
    await talk.post("train", **BTC)
    await talk.twice("train_status")
    ours = {"session_id": talk.session}
    assert_same(await talk.post("MDM_status"), "MDM_status_before_start")
    assert_same(await talk.post("save_market_dynamics_labeling"), "save_mdm_before_start")
    assert_same(await talk.post("start_market_dynamics_labeling", **(LABEL | ours)), "start_market_dynamics_labeling")
    assert_same(await talk.post("MDM_status"), "MDM_status_immediately")
    assert_same(await talk.post("MDM_status"), "MDM_status_after")
    assert_same(await talk.post("save_market_dynamics_labeling"), "save_market_dynamics_labeling")
    assert_same(await talk.post("evaluation_getParameters"), "evaluation_getParameters_after_save")
    assert_same(await talk.post("download_csv"), "download_csv")
    assert_same(
        await talk.post("dynamics_testing_status", dynamics_test_label="7"), "dynamics_testing_status_never_started"
    )
    assert_same(await talk.post("run_dynamics_test", dynamics_test_label="1"), "run_dynamics_test_1")
    assert_same(await talk.post("dynamics_testing_status", dynamics_test_label="1"), "dynamics_testing_status_during")
    assert_same(await talk.post("dynamics_testing_status", dynamics_test_label="1"), "dynamics_testing_status_after")
    assert_same(await talk.post("run_dynamics_test", dynamics_test_label="9"), "run_dynamics_test_badlabel")
    said = await talk.twice("dynamics_testing_status", dynamics_test_label="9")
    assert_same(said, "dynamics_testing_status_badlabel")


async def test_an_upload_is_labelled(talk: Talk, fake: FakeTradeMaster) -> None:
    await talk.post("upload_csv", **UPLOAD)
    assert_same(await talk.post("evaluation_getParameters"), "evaluation_getParameters_custom")
    body = recording("start_mdm_custom")["body"] | {"session_id": talk.session}
    assert_same(await talk.post("start_market_dynamics_labeling", **body), "start_mdm_custom")
    fake.mood.late_results = 1
    late, there = await talk.twice("MDM_status"), await talk.post("MDM_status")
    assert [late[key] for key in sorted(PICTURES)] == [None, None]
    assert late.keys() == answer("MDM_status_custom_after").keys()
    assert late["MDM_end"] is there["MDM_end"] is answer("MDM_status_custom_after")["MDM_end"]
    assert {key: type(there[key]) for key in PICTURES} == dict.fromkeys(PICTURES, str)
    assert_same(await talk.post("download_csv"), "download_csv_custom")


@pytest.mark.parametrize(
    ("raw", "name"),
    [
        ("deepscalper_MDM", "MDM_status_after"),
        ("deepscalper_test", "test_status_deepscalper_after"),
        ("eiie_threads1_train", "train_status_eiie_threads1_after"),
        ("pd_test", "test_status_pd_after"),
    ],
)
def test_a_log_is_cut_as_the_service_cuts_it(raw: str, name: str) -> None:
    assert sent(log(raw)) == answer(name)["info"]


def test_only_the_last_lines_are_shown() -> None:
    run = Run("".join(f"{number}\n" for number in range(5_000)), shown=4_999)
    run.poll(Mood())
    shown = run.poll(Mood())
    assert (shown.count("\n"), shown[:5]) == (2_000, "3000\n")
