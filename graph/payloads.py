"""Mutations answer with a payload: what changed, and `errors` when it was refused."""

from collections.abc import Awaitable, Callable
from typing import Any, get_type_hints

import strawberry
from strawberry.extensions import FieldExtension
from strawberry.utils.str_converters import to_camel_case

from domain.errors import Code, Problem, Refused
from graph.enums import described
from graph.execution.limits import Cost
from graph.policy import Gate, Policy

described(
    Code,
    "ErrorCode",
    "Why something was refused. Codes are stable: branch on these, never on messages.",
    {
        Code.REQUIRED: "A value is missing.",
        Code.INVALID: "The value has the wrong form.",
        Code.TOO_SHORT: "The text is too short.",
        Code.TOO_LONG: "The text or list is too long.",
        Code.OUT_OF_RANGE: "The number is outside its range.",
        Code.UNKNOWN: "There is no option of that name.",
        Code.NOT_FOUND: "There is no such object, or you may not see it.",
        Code.ALREADY_EXISTS: "Something with that name exists already.",
        Code.WRONG_STATE: "The object is in a state that does not allow this.",
        Code.LAST_OWNER: "A project needs an owner, and this is the last one.",
        Code.LAST_ADMIN: "The platform needs an admin, and this is the last one.",
        Code.QUOTA_EXCEEDED: "You have as many of these as you may have.",
        Code.WEAK_PASSWORD: "The password is too easy to guess.",
        Code.INVALID_CREDENTIALS: "The name or the password is wrong.",
        Code.INVALID_TOKEN: "The token is unknown, used up, expired or revoked.",
        Code.TOO_MANY_ATTEMPTS: "Too many failed attempts; wait as long as the message says.",
    },
)


@strawberry.type(description="One thing that was refused: why, where in the input, and what to do about it.")
class UserError:
    code: Code = strawberry.field(description="Stable code to branch on.")
    message: str = strawberry.field(description="A sentence for a person.")
    field: list[str] = strawberry.field(description="Path into the input; empty when it concerns the whole.")

    @classmethod
    def of(cls, problem: Problem) -> "UserError":
        return cls(code=problem.code, message=problem.message, field=client_path(problem.field))


def client_path(field: tuple[str, ...]) -> list[str]:
    """The first step is a name of ours, in the client's spelling; what follows may be a client's own key."""
    return [to_camel_case(field[0]), *field[1:]] if field else []


@strawberry.type(description="What every payload has.")
class Payload:
    errors: list[UserError] = strawberry.field(
        default_factory=list, description="Why it was refused; empty when it was done."
    )


class Refusals(FieldExtension):
    """Turns a refusal into the payload's errors."""

    def __init__(self, payload: type[Payload]) -> None:
        self._payload = payload

    async def resolve_async(self, next_: Callable[..., Awaitable[Any]], source: Any, info: Any, **kwargs: Any) -> Any:
        try:
            return await next_(source, info, **kwargs)
        except Refused as refused:
            return self._payload(errors=[UserError.of(problem) for problem in refused.problems])


def mutation(resolver: Callable[..., Awaitable[Payload]], *, policy: Policy, description: str) -> Any:
    """A root field that changes something."""
    hints = get_type_hints(resolver)
    extensions = [Gate(policy), Refusals(hints["return"])]
    field: Any = strawberry.mutation(resolver=resolver, description=description, extensions=extensions)
    for argument in field.arguments:
        # A mutation takes one argument, `input`, whose type says what it is.
        argument.description = hints[argument.python_name].__strawberry_definition__.description
    return field


def subscription(resolver: Callable[..., Any], *, policy: Policy, description: str) -> Any:
    """A root field that goes on telling."""
    return strawberry.subscription(resolver=resolver, description=description, extensions=[Gate(policy)])


def query(resolver: Callable[..., Any], *, policy: Policy, description: str, cost: int | None = None) -> Any:
    """A root field that reads something; `cost` for one that costs more than its objects."""
    metadata = None if cost is None else {"cost": Cost(weight=cost)}
    return strawberry.field(resolver=resolver, description=description, extensions=[Gate(policy)], metadata=metadata)
