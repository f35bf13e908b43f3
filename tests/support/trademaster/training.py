"""Training and testing, as the fake does them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.support.trademaster.recorded import answer
from tests.support.trademaster.runs import Body, Run, Session, run_of

if TYPE_CHECKING:
    from tests.support.trademaster.fake import FakeTradeMaster

LOST = {"error_code": 1, "info": "", "session_id": ""}
MISSING_DATA = "bad_train_exchange_ppo_missingdata"
CONFIGURED = {
    ("algorithmic_trading:BTC", "algorithmic_trading:deepscalper"): "deepscalper",
    ("algorithmic_trading:FX", "algorithmic_trading:deepscalper"): "deepscalper",
    ("order_execution:BTC", "order_execution:eteo"): "eteo",
    ("order_execution:PD_BTC", "order_execution:pd"): "pd_threads1",
    ("portfolio_management:dj30", "portfolio_management:eiie"): "eiie_threads1",
}


def train(fake: FakeTradeMaster, body: Any) -> Any:
    if not isinstance(body, dict):
        return _error("'list' object has no attribute 'get'<class 'AttributeError'>backend_service.py348")
    dataset, agent = body["dataset_name"], body["agent_name"]
    task, name, plain = body["task_name"], dataset.split(":")[1], agent.split(":")[1]
    folder = f"{task}_{name}_{plain}_{plain}_{body['optimizer_name']}_{body['loss_name']}"
    if dataset == "portfolio_management:exchange":
        return answer(MISSING_DATA)
    known = CONFIGURED.get((dataset, agent))
    if known is None or not folder.endswith("_adam_mse"):
        path = f"/opt/TradeMaster/configs/{task}/{folder}.py"
        return _error(f"file \"{path}\" does not exist<class 'FileNotFoundError'>backend_service.py372")
    session = fake.begin(folder)
    session.agent, session.dataset = known, dataset
    reversed_days = body.get("start_date", "") > body.get("end_date", "~")
    session.train = (
        Run(answer("bad_train_FX_dates_status_bfb81c42")["info"])
        if reversed_days
        else run_of(f"{known}_train", fake.mood)
    )
    return {"error_code": 0, "info": "request success, start train", "session_id": session.id}


def train_status(fake: FakeTradeMaster, body: Body) -> Any:
    session = fake.sessions.get(body.get("session_id", ""))
    if session is None:
        return LOST
    if session.train is None:
        return {"info": "", "result_plot": None, "train_end": False}
    info = session.train.poll(fake.mood)
    picture = session.train.picture(fake.mood)
    return {"info": info, "result_plot": picture, "train_end": session.train.ended_well}


def test(fake: FakeTradeMaster, body: Body) -> Any:
    session = fake.sessions.get(body.get("session_id", ""))
    if session is None:
        return _error(f"'{body.get('session_id')}'")
    session.test = _test_run(session, fake)
    return {"error_code": 0, "info": "request success, start test", "session_id": session.id}


def _test_run(session: Session, fake: FakeTradeMaster) -> Run:
    trained = session.train is not None and session.train.ended_well
    return run_of(f"{session.agent}_test", fake.mood) if trained else Run(answer("test_status_pd_after")["info"])


def test_status(fake: FakeTradeMaster, body: Body) -> Any:
    session = fake.sessions.get(body.get("session_id", ""))
    if session is None:
        return LOST
    if session.test is None:
        info = f"tail: cannot open '{session.path('test_log.txt')}' for reading: No such file or directory\n"
        return {"info": info, "result_plot": None, "test_end": False}
    info = session.test.poll(fake.mood)
    return {"info": info, "result_plot": session.test.picture(fake.mood), "test_end": session.test.ended_well}


def _error(text: str) -> Body:
    return {"error_code": 1, "info": f"request data error, {text}", "session_id": ""}


HANDLERS = {"train": train, "train_status": train_status, "test": test, "test_status": test_status}
