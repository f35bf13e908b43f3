"""What somebody asks of a source: checked as a whole, before anything is fetched or made."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from domain.catalogue.model import Rule
from domain.catalogue.wording import hint, shown
from domain.datasets.forms import DIALECT, Form, form_schema, read_form
from domain.datasets.forms.checks import moment
from domain.datasets.sources.model import FetchRequest, Source
from domain.datasets.sources.offer import source
from domain.errors import Code, Problem, Refused

_NAMES = frozenset({"source", "generator"})
_FORWARD = Rule(
    ("start", "end"),
    "start must come before end",
    lambda values: not (values["start"] and values["end"]) or moment(values["start"]) < moment(values["end"]),
)


def validate_request(raw: object) -> tuple[Problem, ...]:
    """All that is wrong with this request; nothing when it can be made."""
    try:
        read_request(raw)
    except Refused as refused:
        return refused.problems
    return ()


def read_request(raw: object) -> FetchRequest:
    """The whole request, with defaults for what was left out: `source`, its fields, and `generator` if it has any."""
    if not isinstance(raw, Mapping):
        raise Refused.because(Code.INVALID, f"A request must be an object, not {shown(raw)}.", "source")
    name = raw.get("source")
    if not isinstance(name, str):
        raise Refused.because(Code.REQUIRED, "A request needs a source, such as synthetic.", "source")
    form = _form(source(name), raw)
    values, problems = read_form(form, {key: value for key, value in raw.items() if key not in _NAMES})
    if not problems and {"start", "end"} <= values.keys() and not _FORWARD.holds(values):
        problems = (Problem(Code.OUT_OF_RANGE, f"{_FORWARD.text}.", ("end",)),)
    if problems:
        raise Refused(*problems)
    return FetchRequest(name, form.name, values)


def request_schema(form: Form, of: Source) -> dict[str, Any]:
    """One form of a source as JSON Schema."""
    fixed = {"source": of.name} | ({} if form.name == of.name else {"generator": form.name})
    return {"$schema": DIALECT} | form_schema(form, fixed)


def _form(asked: Source, raw: Mapping[str, Any]) -> Form:
    forms = {form.name: form for form in asked.forms}
    if asked.name in forms:
        return _only(asked, raw, forms[asked.name])
    name = raw.get("generator")
    if isinstance(name, str) and name in forms:
        return forms[name]
    code = Code.REQUIRED if name is None else Code.UNKNOWN
    near = hint(name, forms) if isinstance(name, str) else ""
    given = f"not {shown(name)}.{near}" if name is not None else "and none is named."
    raise Refused.because(code, f"generator must be one of {', '.join(forms)}, {given}", "generator")


def _only(asked: Source, raw: Mapping[str, Any], form: Form) -> Form:
    if "generator" in raw:
        message = f"{asked.title} has no generators. Remove it."
        raise Refused.because(Code.UNKNOWN, message, "generator")
    return form
