"""What only the holder of the admin token may ask for: the token, and bodies in JSON."""

from typing import TypeVar

from aiohttp import web
from pydantic import BaseModel, ValidationError

from evidenced.config.types import Secret
from evidenced.publish.bearer import CHALLENGE, bears
from evidenced.publish.body import RefusedError, read_body
from evidenced.publish.problem import problem

T = TypeVar("T", bound=BaseModel)

LIMIT = 16 * 1024
"""The most bytes of a body."""


def admit(request: web.Request, token: Secret | None, what: str) -> None:
    """Raises RefusedError where the request does not show this token; `what` is off without one."""
    if token is None:
        raise RefusedError(problem(403, f"{what} is off: set tokens.admin_file"))
    if not bears(request, token):
        detail = "expected the admin token as a bearer token"
        raise RefusedError(problem(401, detail, headers=CHALLENGE))


async def json_body(request: web.Request, model: type[T], what: str) -> T:
    """The body as this model; raises RefusedError where it is no such thing, called `what`."""
    if request.content_type != "application/json":
        raise RefusedError(problem(415, "expected a Content-Type of application/json"))
    try:
        return model.model_validate_json(await read_body(request, LIMIT))
    except ValidationError as error:
        said = [
            ": ".join((*map(str, one["loc"]), one["msg"]))
            for one in error.errors(include_input=False, include_url=False)
        ]
        detail = f"the body is no {what}: {said[0]}"
        raise RefusedError(problem(422, detail, errors=said)) from None
