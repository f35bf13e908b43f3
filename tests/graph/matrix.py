"""Who gets what from each root field. A field without a row here fails tests/graph/test_matrix.py."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from tests.graph.world import ACTORS, World
from tests.support.people import PASSWORD

OK, NULL, EMPTY = "ok", "null", "empty"
NOT_FOUND, FORBIDDEN, UNAUTHENTICATED = "NOT_FOUND", "FORBIDDEN", "UNAUTHENTICATED"

Input = Callable[[World], dict[str, Any]]


@dataclass(frozen=True)
class Row:
    """An operation on one root field, and what each actor gets: ok, null, empty, or the code of the first error."""

    document: str
    expected: dict[str, str]
    variables: Input = lambda _: {}
    brings: bytes | None = None
    """A file that comes along with the request."""


def each(*outcomes: str) -> dict[str, str]:
    """Outcomes in the order of ACTORS: nobody, guest, stranger, viewer, editor, owner, admin."""
    return dict(zip(ACTORS, outcomes, strict=True))


def everyone(outcome: str, **but: str) -> dict[str, str]:
    return dict.fromkeys(ACTORS, outcome) | but


def signed_in(outcome: str = OK, **but: str) -> dict[str, str]:
    return everyone(outcome, nobody=UNAUTHENTICATED) | but


def admins_only() -> dict[str, str]:
    return everyone(FORBIDDEN, nobody=UNAUTHENTICATED, admin=OK)


def mutation(field: str, input: Input, expected: dict[str, str]) -> Row:
    type_name = field[0].upper() + field[1:] + "Input"
    document = f"mutation($input: {type_name}!) {{ {field}(input: $input) {{ errors {{ code }} }} }}"
    return Row(document, expected, lambda world: {"input": input(world)})


def query(selection: str, expected: dict[str, str], variables: Input = lambda _: {}) -> Row:
    return Row(selection, expected, variables)


_project_of: Input = lambda world: {"id": world.ids["project"]}  # noqa: E731

SYSTEM = {
    "Query.systemInfo": query("{ systemInfo { version } }", everyone(OK)),
    "Query.systemStatus": query("{ systemStatus { ready } }", everyone(OK)),
    "Subscription.systemStatus": query("subscription { systemStatus { ready } }", everyone(OK)),
    "Query.node": query("query($id: ID!) { node(id: $id) { id } }", signed_in(OK, stranger=NULL), _project_of),
}

_NAME = {"usernameOrEmail": "owner"}
_NEW = "Seven-Amber-Kettles-3"
_ACCOUNT = {
    "username": "fresh",
    "email": "fresh@example.org",
    "password": _NEW,
    "fullName": "Fresh",
    "termsAccepted": True,
}

ACCOUNTS = {
    "Query.viewer": query("{ viewer { id } }", everyone(OK, nobody=NULL)),
    "Query.users": query("{ users { nodes { id } } }", admins_only()),
    "Query.sessions": query("{ sessions { nodes { id } } }", signed_in()),
    "Query.apiTokens": query("{ apiTokens { nodes { id } } }", signed_in(EMPTY, owner=OK)),
    "Mutation.register": mutation("register", lambda _: _ACCOUNT, everyone(OK)),
    "Mutation.login": mutation("login", lambda _: _NAME | {"password": PASSWORD}, everyone(OK)),
    "Mutation.refresh": mutation("refresh", lambda world: {"refreshToken": world.ids["refresh_token"]}, everyone(OK)),
    "Mutation.requestPasswordReset": mutation("requestPasswordReset", lambda _: _NAME, everyone(OK)),
    "Mutation.resetPassword": mutation(
        "resetPassword", lambda world: {"token": world.ids["reset_token"], "newPassword": _NEW}, everyone(OK)
    ),
    "Mutation.logout": Row("mutation { logout { errors { code } } }", signed_in()),
    "Mutation.logoutEverywhere": mutation("logoutEverywhere", lambda _: {"keepCurrent": False}, signed_in()),
    "Mutation.revokeSession": mutation(
        "revokeSession", lambda world: {"id": world.ids["session"]}, signed_in(NOT_FOUND, owner=OK)
    ),
    "Mutation.updateProfile": mutation("updateProfile", lambda _: {"fullName": "New Name"}, signed_in()),
    "Mutation.updateSettings": mutation("updateSettings", lambda _: {"settings": {"dark": True}}, signed_in()),
    "Mutation.changePassword": mutation(
        "changePassword", lambda _: {"currentPassword": PASSWORD, "newPassword": _NEW}, signed_in()
    ),
    "Mutation.createApiToken": mutation("createApiToken", lambda _: {"name": "mine", "scopes": ["READ"]}, signed_in()),
    "Mutation.revokeApiToken": mutation(
        "revokeApiToken", lambda world: {"id": world.ids["api_token"]}, signed_in(NOT_FOUND, owner=OK)
    ),
    "Mutation.setUserRole": mutation(
        "setUserRole", lambda world: {"id": world.ids["viewer"], "role": "GUEST"}, admins_only()
    ),
    "Mutation.setUserActive": mutation(
        "setUserActive", lambda world: {"id": world.ids["viewer"], "isActive": False}, admins_only()
    ),
}

OPERATIONS = {
    "Query.systemConfigs": query("{ systemConfigs { key } }", admins_only()),
    "Query.auditLog": query("{ auditLog { nodes { id } } }", admins_only()),
    "Mutation.updateSystemConfig": mutation(
        "updateSystemConfig", lambda _: {"key": "default_epochs", "value": 7}, admins_only()
    ),
    "Mutation.registerDocuments": mutation(
        "registerDocuments",
        lambda _: {"documents": [{"name": "Me", "document": "query Me { viewer { id } }"}]},
        admins_only(),
    ),
}

CATALOGUE = {
    "Query.tasks": query("{ tasks { name } }", everyone(OK)),
    "Query.algorithms": query("{ algorithms { name } }", everyone(OK)),
    "Query.algorithm": query("{ algorithm(task: ALGORITHMIC_TRADING, name: DQN) { name } }", everyone(OK)),
    "Query.validateStrategyConfig": query(
        "{ validateStrategyConfig(task: ALGORITHMIC_TRADING, algorithm: DQN, config: {}) { valid } }", everyone(OK)
    ),
}

_BASIS = {"taskType": "ALGORITHMIC_TRADING", "algorithm": "DQN"}
_strategy_of: Input = lambda world: {"id": world.ids["strategy"]}  # noqa: E731
_editing = each(UNAUTHENTICATED, FORBIDDEN, NOT_FOUND, FORBIDDEN, OK, OK, OK)
_ruling = each(UNAUTHENTICATED, FORBIDDEN, NOT_FOUND, FORBIDDEN, FORBIDDEN, OK, OK)
_seeing = signed_in(OK, guest=FORBIDDEN, stranger=NOT_FOUND)
_own_template = signed_in(NOT_FOUND, guest=FORBIDDEN, owner=OK, admin=OK)

STRATEGIES = {
    "Query.strategies": query("{ strategies { nodes { id } } }", signed_in(OK, stranger=EMPTY)),
    "Query.strategyTemplates": query("{ strategyTemplates { nodes { id } } }", signed_in()),
    "Mutation.createStrategy": mutation(
        "createStrategy", lambda world: {"name": "new", "projectId": world.ids["project"]} | _BASIS, _editing
    ),
    "Mutation.updateStrategy": mutation(
        "updateStrategy", lambda world: _strategy_of(world) | {"description": "new"}, _editing
    ),
    "Mutation.archiveStrategy": mutation("archiveStrategy", _strategy_of, _editing),
    "Mutation.restoreStrategy": mutation("restoreStrategy", lambda world: {"id": world.ids["archived"]}, _editing),
    "Mutation.deleteStrategy": mutation("deleteStrategy", _strategy_of, _ruling),
    "Mutation.cloneStrategy": mutation("cloneStrategy", _strategy_of, _seeing),
    "Mutation.restoreStrategyVersion": mutation(
        "restoreStrategyVersion", lambda world: _strategy_of(world) | {"versionNumber": 1}, _editing
    ),
    "Mutation.createStrategyTemplate": mutation(
        "createStrategyTemplate", lambda world: {"name": "t", "strategyId": world.ids["strategy"]}, _seeing
    ),
    "Mutation.updateStrategyTemplate": mutation(
        "updateStrategyTemplate", lambda world: {"id": world.ids["template"], "name": "t"}, _own_template
    ),
    "Mutation.deleteStrategyTemplate": mutation(
        "deleteStrategyTemplate", lambda world: {"id": world.ids["template"]}, _own_template
    ),
}

_ending_job = each(UNAUTHENTICATED, FORBIDDEN, NOT_FOUND, FORBIDDEN, FORBIDDEN, OK, OK)

_dataset_of: Input = lambda world: {"id": world.ids["dataset"]}  # noqa: E731
_of_dataset: Input = lambda world: {"datasetId": world.ids["dataset"]}  # noqa: E731
_STEPS = [{"kind": "returns"}]
_SYNTHETIC = {"source": "synthetic", "generator": "noise"}
_uploaded = mutation("uploadFile", lambda world: _of_dataset(world) | {"file": None}, _editing)

DATASETS = {
    "Query.datasets": query("{ datasets { nodes { id } } }", signed_in(OK, stranger=EMPTY)),
    "Query.recipes": query("{ recipes { nodes { id } } }", signed_in(EMPTY, owner=OK, admin=OK)),
    "Query.recipeSteps": query("{ recipeSteps { name fields { name } } }", everyone(OK)),
    "Query.sources": query("{ sources { name forms { name } } }", everyone(OK)),
    "Query.datasetPreview": query(
        "query($id: ID!) { datasetPreview(datasetId: $id) { total } }", signed_in(OK, stranger=NULL), _dataset_of
    ),
    "Query.datasetSeries": query(
        'query($id: ID!) { datasetSeries(datasetId: $id, columns: ["close"]) { rows } }',
        signed_in(OK, stranger=NULL),
        _dataset_of,
    ),
    "Mutation.createDataset": mutation(
        "createDataset", lambda world: {"name": "new", "projectId": world.ids["project"]}, _editing
    ),
    "Mutation.updateDataset": mutation("updateDataset", lambda world: _dataset_of(world) | {"name": "new"}, _editing),
    "Mutation.deleteDataset": mutation("deleteDataset", _dataset_of, _ruling),
    "Mutation.correctDataset": mutation("correctDataset", _dataset_of, _editing),
    "Mutation.requestUpload": mutation(
        "requestUpload", lambda world: _of_dataset(world) | {"filename": "a.csv"}, _editing
    ),
    "Mutation.uploadFile": replace(_uploaded, brings=b"a,b\n1,2\n"),
    "Mutation.requestDownload": mutation(
        "requestDownload", lambda world: _of_dataset(world) | {"form": "CANONICAL"}, signed_in(OK, stranger=NOT_FOUND)
    ),
    "Mutation.preprocessDataset": mutation(
        "preprocessDataset", lambda world: _of_dataset(world) | {"name": "new", "steps": _STEPS}, _seeing
    ),
    "Mutation.importDataset": mutation(
        "importDataset", lambda _: {"name": "new", "request": _SYNTHETIC}, signed_in(OK, guest=FORBIDDEN)
    ),
    "Mutation.saveRecipe": mutation(
        "saveRecipe", lambda _: {"name": "new", "steps": _STEPS}, signed_in(OK, guest=FORBIDDEN)
    ),
    "Mutation.updateRecipe": mutation(
        "updateRecipe", lambda world: {"id": world.ids["recipe"], "name": "new"}, _own_template
    ),
    "Mutation.deleteRecipe": mutation("deleteRecipe", lambda world: {"id": world.ids["recipe"]}, _own_template),
}

JOBS = {
    "Query.jobs": query("{ jobs { nodes { id } } }", signed_in(EMPTY, owner=OK, admin=OK)),
    "Mutation.cancelJob": mutation("cancelJob", lambda world: {"id": world.ids["job"]}, _ending_job),
    "Mutation.deleteJob": mutation("deleteJob", lambda world: {"id": world.ids["job_over"]}, _ending_job),
    "Mutation.retryJob": mutation("retryJob", lambda world: {"id": world.ids["training"]}, _ending_job),
    "Mutation.resumeJob": mutation("resumeJob", lambda world: {"id": world.ids["training"]}, _ending_job),
    "Query.compareJobs": query(
        'query($ids: [ID!]!) { compareJobs(ids: $ids, names: ["sharpe"]) { jobs { id } } }',
        signed_in(),
        lambda world: {"ids": [world.ids["training"]]},
    ),
    "Query.engines": query("{ engines { name } }", everyone(OK)),
    "Query.tradeMasterOffer": query("{ tradeMasterOffer { tasks } }", signed_in(NULL)),
    "Mutation.startLabelling": mutation(
        "startLabelling",
        lambda world: {"name": "new", "trainingId": world.ids["remote_training"]},
        _ending_job,
    ),
    "Mutation.startDynamicsTest": mutation(
        "startDynamicsTest", lambda world: {"labellingId": world.ids["labelling"], "label": 1}, _ending_job
    ),
    "Mutation.requestJobArtefact": mutation(
        "requestJobArtefact",
        lambda world: {"id": world.ids["training"], "name": "test.png"},
        signed_in(OK, stranger=NOT_FOUND),
    ),
    "Mutation.startTraining": mutation(
        "startTraining",
        lambda world: {"strategyId": world.ids["strategy"], "datasetId": world.ids["dataset"]},
        _editing,
    ),
}

_model_of: Input = lambda world: {"id": world.ids["model"]}  # noqa: E731

MODELS = {
    "Query.models": query("{ models { nodes { id } } }", signed_in(OK, stranger=EMPTY)),
    "Query.compareModels": query(
        "query($ids: [ID!]!) { compareModels(ids: $ids) { models { id } } }",
        signed_in(),
        lambda world: {"ids": [world.ids["model"]]},
    ),
    "Mutation.requestModelDownload": mutation(
        "requestModelDownload",
        lambda world: _model_of(world) | {"part": "WEIGHTS"},
        signed_in(OK, stranger=NOT_FOUND),
    ),
    "Mutation.setModelStage": mutation(
        "setModelStage", lambda world: _model_of(world) | {"stage": "PRODUCTION"}, _editing
    ),
    "Mutation.renameModel": mutation("renameModel", lambda world: _model_of(world) | {"name": "new"}, _editing),
    "Mutation.deleteModel": mutation("deleteModel", _model_of, _editing),
}

_judging: Input = lambda world: {  # noqa: E731
    "kind": "BACKTEST",
    "modelIds": [world.ids["model"]],
    "datasetId": world.ids["dataset"],
}
_looked_into = signed_in(OK, stranger=NULL)


def looked(selection: str) -> Row:
    document = f"query($id: ID!) {{ {selection} }}"
    return query(document, _looked_into, lambda world: {"id": world.ids["evaluation"]})


EVALUATIONS = {
    "Query.evaluations": query("{ evaluations { nodes { id } } }", signed_in(OK, stranger=EMPTY)),
    "Query.evaluationSeries": looked('evaluationSeries(evaluationId: $id, key: "model-1", name: EQUITY) { values }'),
    "Query.evaluationPositions": looked('evaluationPositions(evaluationId: $id, key: "model-1") { values }'),
    "Query.evaluationPicture": looked("evaluationPicture(evaluationId: $id, kind: EQUITY) { url svg }"),
    "Query.evaluationTrades": looked("evaluationTrades(evaluationId: $id) { total }"),
    "Mutation.startEvaluation": mutation("startEvaluation", _judging, _seeing),
    "Mutation.updateEvaluation": mutation(
        "updateEvaluation", lambda world: {"id": world.ids["evaluation"], "name": "new"}, _ending_job
    ),
    "Mutation.deleteEvaluation": mutation(
        "deleteEvaluation", lambda world: {"id": world.ids["evaluation"]}, _ending_job
    ),
    "Mutation.requestEvaluationDownload": mutation(
        "requestEvaluationDownload",
        lambda world: {"id": world.ids["evaluation"], "part": "SERIES"},
        signed_in(OK, stranger=NOT_FOUND),
    ),
}

PROJECTS = {
    "Query.projects": query("{ projects { nodes { id } } }", signed_in(OK, stranger=EMPTY)),
    "Mutation.createProject": mutation("createProject", lambda _: {"name": "Beta"}, signed_in(OK, guest=FORBIDDEN)),
    "Mutation.updateProject": mutation(
        "updateProject",
        lambda world: {"id": world.ids["project"], "name": "Gamma"},
        each(UNAUTHENTICATED, FORBIDDEN, NOT_FOUND, FORBIDDEN, OK, OK, OK),
    ),
    "Mutation.deleteProject": mutation(
        "deleteProject", _project_of, each(UNAUTHENTICATED, FORBIDDEN, NOT_FOUND, FORBIDDEN, FORBIDDEN, OK, OK)
    ),
    "Mutation.inviteMember": mutation(
        "inviteMember",
        lambda world: {"projectId": world.ids["project"], "user": "newcomer"},
        each(UNAUTHENTICATED, FORBIDDEN, NOT_FOUND, FORBIDDEN, FORBIDDEN, OK, OK),
    ),
    "Mutation.changeMemberRole": mutation(
        "changeMemberRole",
        lambda world: {"projectId": world.ids["project"], "userId": world.ids["viewer"], "role": "EDITOR"},
        each(UNAUTHENTICATED, FORBIDDEN, NOT_FOUND, FORBIDDEN, FORBIDDEN, OK, OK),
    ),
    "Mutation.removeMember": mutation(
        "removeMember",
        lambda world: {"projectId": world.ids["project"], "userId": world.ids["viewer"]},
        each(UNAUTHENTICATED, FORBIDDEN, NOT_FOUND, FORBIDDEN, FORBIDDEN, OK, OK),
    ),
    "Mutation.leaveProject": mutation(
        "leaveProject",
        lambda world: {"projectId": world.ids["project"]},
        # The owner is the last one; the admin is no member.
        each(UNAUTHENTICATED, OK, NOT_FOUND, OK, OK, "LAST_OWNER", NOT_FOUND),
    ),
}

_BAD = "BAD_USER_INPUT"
_watching = signed_in(OK, stranger=_BAD)


def watched(field: str, what: str) -> Row:
    document = f"subscription($id: ID!) {{ {field}(id: $id) {{ __typename }} }}"
    return Row(document, _watching, lambda world: {"id": world.ids[what]})


LIVE = {
    "Subscription.jobEvents": watched("jobEvents", "job"),
    "Subscription.evaluationEvents": watched("evaluationEvents", "evaluation"),
    "Subscription.jobLogs": watched("jobLogs", "job"),
    "Subscription.jobMetrics": watched("jobMetrics", "job"),
    "Subscription.jobsChanged": Row(
        "subscription($id: ID!) { jobsChanged(filter: {projectId: $id}) { id } }", _watching, _project_of
    ),
    "Subscription.strategyEvents": watched("strategyEvents", "strategy"),
    "Subscription.datasetEvents": watched("datasetEvents", "dataset"),
}

_notification_of: Input = lambda world: {"ids": [world.ids["notification"]]}  # noqa: E731

NOTIFICATIONS = {
    "Query.notifications": query("{ notifications { nodes { id } } }", signed_in(EMPTY, owner=OK)),
    "Query.unreadNotifications": query("{ unreadNotifications }", signed_in()),
    "Query.notificationChoices": query("{ notificationChoices { kind } }", signed_in()),
    "Subscription.notifications": query("subscription { notifications { unread } }", signed_in()),
    "Mutation.markNotificationsRead": mutation(
        "markNotificationsRead", _notification_of, signed_in(NOT_FOUND, owner=OK)
    ),
    "Mutation.markAllNotificationsRead": Row("mutation { markAllNotificationsRead { errors { code } } }", signed_in()),
    "Mutation.setNotificationChoice": mutation(
        "setNotificationChoice", lambda _: {"kind": "JOB_FAILED", "mail": True}, signed_in()
    ),
    "Mutation.broadcast": mutation(
        "broadcast", lambda world: {"title": "New", "link": world.ids["project"]}, admins_only()
    ),
}

MATRIX: dict[str, Row] = (
    SYSTEM
    | ACCOUNTS
    | OPERATIONS
    | CATALOGUE
    | STRATEGIES
    | DATASETS
    | JOBS
    | LIVE
    | MODELS
    | EVALUATIONS
    | NOTIFICATIONS
    | PROJECTS
)

HIDDEN_NODES = (
    "project",
    "editor_member",
    "strategy",
    "archived",
    "template",
    "dataset",
    "recipe",
    "job",
    "job_over",
    "training",
    "model",
    "evaluation",
    "notification",
    "owner",
    "session",
    "api_token",
)
"""What a stranger must not find by its id."""
