"""Uploads and market dynamics, as the fake does them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from starlette.responses import JSONResponse

from tests.support.trademaster.recorded import answer
from tests.support.trademaster.runs import ANALYSIS, Body, Run, Session, run_of

if TYPE_CHECKING:
    from tests.support.trademaster.fake import FakeTradeMaster

NO_RESULTS = {"market_dynamic_labeling_analysis": None, "market_dynamic_labeling_visulization": None}


def upload_csv(fake: FakeTradeMaster, body: Body) -> Any:
    if not body["file_name"]:
        return JSONResponse({"error": "No file selected"}, 400)
    if not body["file_name"].endswith(".csv"):
        return JSONResponse({"error": "Only support csv file"}, 400)
    if body["session_id"] and body["session_id"] not in fake.sessions:
        return answer("bad_upload_badsess")
    try:
        json.loads(body["file"])
    except ValueError:
        return answer("bad_upload_rawcsv")
    session = fake.sessions.get(body["session_id"]) or fake.begin("market_dynamics_modeling_any_Null_Null_adam_mse")
    session.uploads.append(body["file_name"].removesuffix(".csv"))
    said = {"info": "request success, read uploaded csv file", "upload_finished": True}
    return {"error_code": 0, **said, "session_id": session.id}


def evaluation_parameters(fake: FakeTradeMaster, body: Body) -> Any:
    session = fake.sessions.get(body.get("session_id", ""))
    if session is None or not session.uploads:
        said = answer("evaluation_getParameters_nosession")
    else:
        text = json.dumps(answer("evaluation_getParameters_custom"))
        said = json.loads(text.replace("custom:mydata", f"custom:{session.uploads[-1]}"))
    if session is not None and session.saved:
        said["test_dynamic_number"] = [str(label) for label in range(session.regimes)]
    return said


def start_labelling(fake: FakeTradeMaster, body: Body) -> Any:
    asked = body["session_id"]
    if asked and asked not in fake.sessions:
        return answer("bad_unknown_session_start_market_dynamics_labeling") | {"session_id": asked}
    session = fake.sessions.get(asked) or fake.begin("market_dynamics_modeling_any_Null_Null_adam_mse")
    session.labelling = run_of("deepscalper_MDM", fake.mood)
    session.labelled = session.saved = False
    session.regimes = int(body["number_of_market_style"])
    return {
        "error_code": 0,
        "info": "request success, start market dynamics modeling\n",
        "session_id": session.id,
    }


def labelling_status(fake: FakeTradeMaster, body: Body) -> Any:
    session = fake.sessions.get(body["session_id"])
    if session is None or session.labelling is None:
        what = "MDM_cfg_path" if session else body["session_id"]
        info = f"request data error, '{what}'<class 'KeyError'>907"
        return {"error_code": 1, "info": info, **NO_RESULTS, "session_id": body["session_id"]}
    info = session.labelling.poll(fake.mood)
    picture = session.labelling.picture(fake.mood)
    session.labelled = session.labelled or picture is not None
    return {
        "MDM_end": session.labelling.ended_well,
        "info": info,
        "market_dynamic_labeling_analysis": session.labelling.picture(fake.mood, ANALYSIS),
        "market_dynamic_labeling_visulization": picture,
        "session_id": session.id,
    }


def save_labelling(fake: FakeTradeMaster, body: Body) -> Any:
    session = fake.sessions.get(body["session_id"])
    if session is None:
        return answer("bad_unknown_session_save_market_dynamics_labeling") | {"session_id": body["session_id"]}
    if not session.labelled:
        return answer("save_mdm_before_start") | {"session_id": session.id}
    session.saved = True
    said = {"info": "request success, save market dynamics", "session_id": session.id}
    return {"debug": {"work_dir": session.path("")}, "error_code": 0, **said}


def download_csv(fake: FakeTradeMaster, body: Body) -> Any:
    session = fake.sessions.get(body["session_id"])
    if session is None or not session.labelled:
        return answer("bad_unknown_session_download_csv")
    return answer("download_csv_custom" if session.uploads else "download_csv") | {"session_id": session.id}


def run_dynamics_test(fake: FakeTradeMaster, body: Body) -> Any:
    session = fake.sessions.get(body["session_id"])
    if session is None:
        return answer("bad_unknown_session_run_dynamics_test")
    label = body["dynamics_test_label"]
    if session.train is not None:
        if label in session.dynamics:
            session.stale[label] = session.dynamics[label]
        session.dynamics[label] = _dynamics_run(session, int(label), fake)
    info = f"request success, start test market {label}\n\n"
    return {"error_code": 0, "info": info, "session_id": session.id}


def _dynamics_run(session: Session, label: int, fake: FakeTradeMaster) -> Run:
    if label >= session.regimes:
        return Run(answer("dynamics_testing_status_badlabel")["info"])
    if session.agent != "deepscalper":
        return Run(answer("dt_status_dj30")["info"])
    return run_of("deepscalper_dynamics_test_1", fake.mood)


def dynamics_test_status(fake: FakeTradeMaster, body: Body) -> Any:
    # An unknown session breaks this call.
    session = fake.sessions[body["session_id"]]
    label = body["dynamics_test_label"]
    # Both write the same file, and the new one begins it anew only a moment later.
    run = session.stale.pop(label, None) or session.dynamics.get(label) or Run("")
    info = run.poll(fake.mood)
    said = {"info": info, "radar_plot": run.picture(fake.mood), "session_id": session.id}
    return {"dynamics_testing_end": run.ended_well, "error_code": 0, **said}


HANDLERS = {
    "upload_csv": upload_csv,
    "evaluation_getParameters": evaluation_parameters,
    "start_market_dynamics_labeling": start_labelling,
    "MDM_status": labelling_status,
    "save_market_dynamics_labeling": save_labelling,
    "download_csv": download_csv,
    "run_dynamics_test": run_dynamics_test,
    "dynamics_testing_status": dynamics_test_status,
}
