"""The description of the API (OpenAPI 3.1), made of its operations and of pydantic's models."""

import asyncio
import json
import re
from collections.abc import Iterable, Mapping
from http import HTTPStatus
from typing import Any

from aiohttp import web
from pydantic import BaseModel
from pydantic.json_schema import JsonSchemaMode, models_json_schema

from evidenced import __version__
from evidenced.publish.api_models import ProblemAnswer
from evidenced.publish.api_operation import PREFIX, Guard, Operation
from evidenced.publish.api_operations import OPENAPI, OPERATIONS
from evidenced.publish.api_query import Query
from evidenced.publish.problem import MEDIA_TYPE

Node = dict[str, Any]

ALWAYS = (400, 401, 403, 429, 500, 503)
"""The problems that any operation may answer with."""

SCHEMAS = "#/components/schemas/"
REFUSALS = "#/components/responses/"
ABOUT = (
    "What evidenced knows of the claims of an operations ledger, and of the checks that speak for "
    "them. Times are ISO 8601 in UTC. Errors are problems as in RFC 9457. Lists come in pages: "
    "`next` of an answer is the `cursor` of the page after it. Answers have entity tags, so that "
    "If-None-Match saves sending them again."
)
WHO: Mapping[str, str] = {
    "web": "where the section `web` of the configuration asks for a token",
    "basic": "where the section `web` of the configuration asks for a name and a password",
    Guard.ADMIN: "the token of tokens.admin_file",
    Guard.PUSH: "the token of the check, or of tokens.push_file",
}
READERS: tuple[Node, ...] = ({}, {"web": []}, {"basic": []})


class Description:
    """Tells programs what the API can do."""

    def __init__(self) -> None:
        self._text = ""

    def routes(self) -> list[web.RouteDef]:
        """The path that this answers."""
        return [OPENAPI.route(self._describe)]

    async def _describe(self, request: web.Request) -> web.Response:
        if not self._text:
            self._text = await asyncio.to_thread(described)
        return web.Response(text=self._text, content_type="application/json")


def described() -> str:
    """The description of all operations, as JSON."""
    return json.dumps(document(OPERATIONS), indent=2, ensure_ascii=False) + "\n"


def document(operations: Iterable[Operation]) -> Node:
    """The OpenAPI document of these operations."""
    every = tuple(operations)
    schemas = _Schemas(every)
    paths: dict[str, Node] = {}
    for one in every:
        paths.setdefault(PREFIX + one.path, {})[one.method.lower()] = _operation(one, schemas)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "evidenced",
            "version": __version__,
            "description": ABOUT,
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "tags": [{"name": tag} for tag in dict.fromkeys(one.tag for one in every)],
        "paths": paths,
        "components": {
            "schemas": schemas.components,
            "responses": _refusals(every, schemas),
            "securitySchemes": {
                name: {
                    "type": "http",
                    "scheme": "basic" if name == "basic" else "bearer",
                    "description": said,
                }
                for name, said in WHO.items()
            },
        },
    }


class _Schemas:
    """The schemas of all models, each under a name of its own."""

    def __init__(self, operations: Iterable[Operation]) -> None:
        models: list[tuple[type[BaseModel], JsonSchemaMode]] = [(ProblemAnswer, "serialization")]
        for one in operations:
            answers = (one.answer, one.unready)
            models += [(model, "serialization") for model in answers if model]
            models += [
                (model, "validation") for model in (*one.bodies.values(), one.query) if model
            ]
        models = list(dict.fromkeys(models))
        references, found = models_json_schema(models, ref_template=SCHEMAS + "{model}")
        self._references = references
        self._all: dict[str, Node] = found["$defs"]
        queries = {self._name(model) for model, _ in models if issubclass(model, Query)}
        self.components = {
            name: schema for name, schema in sorted(self._all.items()) if name not in queries
        }

    def of(self, model: type[BaseModel], mode: JsonSchemaMode = "serialization") -> Node:
        """A reference to the schema of a model."""
        return dict(self._references[model, mode])

    def parameters(self, model: type[Query]) -> list[Node]:
        """The parameters that a model of a query has."""
        schema = self._all[self._name(model)]
        required = schema.get("required", ())
        return [
            _parameter(name, "query", dict(inner), required=name in required)
            for name, inner in schema.get("properties", {}).items()
        ]

    def _name(self, model: type[BaseModel]) -> str:
        reference: str = self._references[model, "validation"]["$ref"]
        return reference.removeprefix(SCHEMAS)


def _operation(one: Operation, schemas: _Schemas) -> Node:
    variables = re.findall(r"\{([a-z]+)\}", one.path)
    kind: Node = {"type": "string", "minLength": 1}
    if one.numbered:
        kind = {"type": "integer", "minimum": 1}
    kind["description"] = one.subject
    parameters = [_parameter(name, "path", dict(kind), required=True) for name in variables]
    parameters += schemas.parameters(one.query)
    node: Node = {"operationId": one.id, "tags": [one.tag], "summary": one.summary}
    if parameters:
        node["parameters"] = parameters
    if one.bodies:
        node["requestBody"] = _body(one, schemas)
    node["responses"] = dict(sorted(_responses(one, schemas).items()))
    node["security"] = [{one.guard.value: []}] if one.guard else list(READERS)
    return node


def _parameter(name: str, place: str, schema: Node, *, required: bool) -> Node:
    schema.pop("title", None)
    said = schema.pop("description", None)
    return {
        "name": name,
        "in": place,
        "required": required,
        **({"description": said} if said else {}),
        "schema": schema,
    }


def _body(one: Operation, schemas: _Schemas) -> Node:
    content = {
        media_type: {"schema": schemas.of(model, "validation") if model else {"type": "string"}}
        for media_type, model in one.bodies.items()
    }
    return {"required": one.body_required, "content": content}


def _responses(one: Operation, schemas: _Schemas) -> dict[str, Node]:
    found: dict[str, Node] = {
        str(status): {"$ref": REFUSALS + _named(status)} for status in (*ALWAYS, *one.problems)
    }
    done: Node = {"description": _phrase(one.status)}
    if one.answer is not None:
        done["content"] = {"application/json": {"schema": schemas.of(one.answer)}}
    if one.reads:
        tag = {"ETag": _header("the weak entity tag of this answer")}
        links = {"Link": _header("the next page, where there is one")} if one.paged else {}
        done["headers"] = tag | links
        found["304"] = {"description": "It is still as If-None-Match has it.", "headers": tag}
    found[str(one.status)] = done
    if one.unready is not None:
        content = {"application/json": {"schema": schemas.of(one.unready)}}
        found["503"] = {"description": _phrase(503), "content": content}
    return found


def _refusals(operations: Iterable[Operation], schemas: _Schemas) -> dict[str, Node]:
    statuses = sorted({*ALWAYS, *(status for one in operations for status in one.problems)})
    content = {MEDIA_TYPE: {"schema": schemas.of(ProblemAnswer)}}
    found: dict[str, Node] = {
        _named(status): {"description": _phrase(status), "content": content} for status in statuses
    }
    headers = {"WWW-Authenticate": _header("how to show who is asking")}
    found[_named(401)]["headers"] = headers
    found[_named(429)]["headers"] = {"Retry-After": _header("seconds after which to ask again")}
    return found


def _named(status: int) -> str:
    return "".join(filter(str.isalpha, _phrase(status)))


def _header(said: str) -> Node:
    return {"description": said, "schema": {"type": "string"}}


def _phrase(status: int) -> str:
    return HTTPStatus(status).phrase
