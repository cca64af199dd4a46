import json
from collections.abc import Iterator
from typing import Any

import pytest
from aiohttp import web
from jsonschema import Draft202012Validator
from pytest_aiohttp.plugin import AiohttpClient

from evidenced.publish.api_answer import api_answers
from evidenced.publish.api_operation import PREFIX, Operation
from evidenced.publish.api_operations import OPERATIONS
from evidenced.publish.openapi import Description, described, document

EACH = [pytest.param(one, id=one.id) for one in OPERATIONS]


@pytest.fixture(scope="module")
def told() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(described())
    return found


def nodes(node: object) -> Iterator[dict[str, Any]]:
    """All objects in a document."""
    if isinstance(node, dict):
        yield node
        for inner in node.values():
            yield from nodes(inner)
    elif isinstance(node, list):
        for inner in node:
            yield from nodes(inner)


def test_every_reference_leads_somewhere(told: dict[str, Any]) -> None:
    references = {node["$ref"] for node in nodes(told) if isinstance(node.get("$ref"), str)}
    assert "#/components/schemas/ClaimList" in references
    for reference in references:
        found = told
        for step in reference.removeprefix("#/").split("/"):
            found = found[step]
        assert found is not None


def test_every_schema_is_one_and_is_used(told: dict[str, Any]) -> None:
    text = json.dumps(told)
    for name, schema in told["components"]["schemas"].items():
        Draft202012Validator.check_schema(schema)
        assert f'"#/components/schemas/{name}"' in text, name
    for node in nodes(told["paths"]):
        if "schema" in node:
            Draft202012Validator.check_schema(node["schema"])


def test_no_two_operations_are_one() -> None:
    assert len({one.id for one in OPERATIONS}) == len(OPERATIONS)
    assert len({(one.method, one.path) for one in OPERATIONS}) == len(OPERATIONS)


@pytest.mark.parametrize("one", EACH)
def test_an_operation_is_described(one: Operation, told: dict[str, Any]) -> None:
    node = told["paths"][PREFIX + one.path][one.method.lower()]
    assert (node["operationId"], node["summary"]) == (one.id, one.summary)
    assert node["summary"].endswith(".")
    found = {parameter["name"]: parameter for parameter in node.get("parameters", [])}
    in_path = {name for name, parameter in found.items() if parameter["in"] == "path"}
    assert {f"{{{name}}}" for name in in_path} == {
        step for step in one.path.split("/") if step.startswith("{")
    }
    assert all(found[name]["required"] for name in in_path)
    assert all(found[name]["description"] for name in in_path)
    assert found.keys() - in_path == one.query.model_fields.keys()
    assert set(node.get("requestBody", {}).get("content", {})) == set(one.bodies)


@pytest.mark.parametrize("one", EACH)
def test_each_answer_is_described(one: Operation, told: dict[str, Any]) -> None:
    responses = told["paths"][PREFIX + one.path][one.method.lower()]["responses"]
    expected = {one.status, 400, 401, 403, 429, 500, 503, *one.problems}
    assert set(responses) == {str(status) for status in expected | ({304} if one.reads else set())}
    done = responses[str(one.status)]
    assert ("content" in done) == (one.answer is not None)
    assert ("ETag" in done.get("headers", {})) == one.reads
    refused = told["components"]["responses"]["BadRequest"]["content"]
    assert refused == {
        "application/problem+json": {"schema": {"$ref": "#/components/schemas/ProblemAnswer"}}
    }
    if one.bodies:
        assert {"413", "415", "422"} <= set(responses)


@pytest.mark.parametrize("one", EACH)
def test_who_may_ask_is_said(one: Operation, told: dict[str, Any]) -> None:
    node = told["paths"][PREFIX + one.path][one.method.lower()]
    schemes = told["components"]["securitySchemes"]
    assert {name for each in node["security"] for name in each} <= set(schemes)
    # What changes something always asks for a token, and what is read asks where `web` says so.
    assert ({} in node["security"]) == one.reads
    assert (one.guard is None) == one.reads


async def test_a_route_is_its_operation(aiohttp_client: AiohttpClient) -> None:
    """Each is routed by what describes it: its method, its path, and its parameters."""
    asked: list[str] = []

    def handler_of(one: Operation) -> Any:  # noqa: ANN401  a handler of aiohttp
        async def handle(request: web.Request) -> web.Response:
            asked.append(f"{one.id} {dict(request.match_info)}")
            return web.Response()

        return handle

    application = web.Application()
    application.add_routes([one.route(handler_of(one)) for one in OPERATIONS[::-1]])
    client = await aiohttp_client(application)
    for one in OPERATIONS:
        variable = one.path.partition("{")[2].partition("}")[0]
        path = PREFIX + one.path.replace(f"{{{variable}}}", "a%2Fb")
        query = "?topic=x" if one.id == "askGate" else ""
        async with client.request(one.method, path + query) as response:
            assert response.status == 200, one.id
        assert asked[-1] == f"{one.id} { ({variable: 'a/b'} if variable else {}) }"
        async with client.request(one.method, f"{path}?unheard=of") as response:
            assert response.status == 400
            assert "unheard: unknown parameter" in await response.text()


async def test_it_is_served(aiohttp_client: AiohttpClient) -> None:
    application = web.Application(middlewares=[api_answers])
    application.add_routes(Description().routes())
    client = await aiohttp_client(application)
    for _ in range(2):
        async with client.get("/api/v1/openapi.json") as response:
            assert await response.json() == document(OPERATIONS)
            tag = response.headers["ETag"]
    async with client.get("/api/v1/openapi.json", headers={"If-None-Match": tag}) as response:
        assert response.status == 304
