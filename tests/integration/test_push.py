"""Pushes into a running daemon, by its HTTP interface."""

import asyncio
import gzip
import io
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from evidenced.app.daemon import Daemon
from evidenced.app.life import running
from evidenced.probes.attempt import Reason
from evidenced.publish.push import BURST, JSON_LIMIT, XML_LIMIT
from evidenced.watch.board import CheckStatus

WaitFor = Callable[..., Any]
SHARED = "for all"
CLAIM = "backup-restore-drill"
CHECKS: list[dict[str, Any]] = [
    {
        "name": "suite",
        "claims": [CLAIM],
        "interval": "1h",
        "confirm": {"failures": 1},
        "push": {"every": "1d", "expect": {"tests": {"min": 19}, "failures": 0}},
    },
    {"name": "backup", "interval": "1h", "push": {"every": "1d", "token": "only for backup"}},
    {"name": "odd/näme", "interval": "1h", "push": {"every": "1d"}},
    {"name": "page", "interval": "1h", "http": {"url": "/"}},
]
REPORT = """<testsuites><testsuite tests="19" failures="0" assertions="53" time="2.5">{}
</testsuite></testsuites>""".format("<testcase/>" * 19)


@dataclass(frozen=True)
class Answer:
    status: int
    text: str
    headers: Any

    @property
    def problem(self) -> dict[str, Any]:
        assert self.headers["Content-Type"].startswith("application/problem+json")
        answer: dict[str, Any] = json.loads(self.text)
        assert answer["status"] == self.status
        assert answer["type"] == "about:blank"
        return answer


@dataclass(frozen=True)
class Client:
    daemon: Daemon
    session: aiohttp.ClientSession
    wait_for: WaitFor

    async def post(
        self,
        name: str,
        token: str | None = SHARED,
        method: str = "POST",
        **more: Any,  # noqa: ANN401  of aiohttp
    ) -> Answer:
        headers = dict(more.pop("headers", {}))
        if token is not None:
            headers["Authorization"] = f"Bearer {token}"
        if isinstance(more.get("data"), bytes | str):
            data = more["data"]
            more["data"] = io.BytesIO(data.encode() if isinstance(data, str) else data)
        url = "http://{}:{}/api/v1/push/{}".format(*self.daemon.address, name)
        async with self.session.request(method, url, headers=headers, **more) as response:
            return Answer(response.status, await response.text(), response.headers)

    async def seen(self, name: str, runs: int = 1) -> CheckStatus:
        """The status of a check once it was looked at so often."""

        async def looked() -> bool:
            return sum(self.daemon.board.checks[name].runs.values()) >= runs

        await self.wait_for(looked, 30)
        return self.daemon.board.checks[name]


Talks = Callable[..., Any]


@pytest.fixture
def talking(configured: Callable[..., Path], wait_for: WaitFor) -> Talks:
    """A daemon with pushes, and a client of it: `talking(**configuration)`."""

    @asynccontextmanager
    async def talk(**more: object) -> AsyncIterator[Client]:
        config = configured(**{"checks": CHECKS, "tokens": {"push": "for all"}, **more})
        async with running(config) as daemon, aiohttp.ClientSession() as session:

            async def ready() -> bool:
                async with session.get("http://{}:{}/-/ready".format(*daemon.address)) as response:
                    return response.status == 200

            await wait_for(ready, 30)
            yield Client(daemon, session, wait_for)

    return talk


async def test_a_push_is_judged_at_once(talking: Talks) -> None:
    async with talking() as client:
        good = {"tests": 19, "failures": 0, "assertions": 53}
        answer = await client.post("suite", json=good)
        assert answer.status == 202
        assert json.loads(answer.text)["check"] == "suite"
        status = await client.seen("suite")
        assert status.last is not None
        assert status.last.result == "success"
        assert status.last.last.facts["age_seconds"] < 30
        assert client.daemon.board.claims[CLAIM].standing == "verified"
        await client.post("suite", json=good | {"tests": 18, "failures": 2})
        status = await client.seen("suite", 2)
        assert status.state.failure is not None
        assert status.state.failure.detail == "expected tests to be at least 19, found 18"
        assert client.daemon.board.claims[CLAIM].standing == "contradicted"


@pytest.mark.parametrize("media_type", ["application/xml", "text/xml; charset=utf-8"])
async def test_a_report_of_junit_is_a_push(media_type: str, talking: Talks) -> None:
    async with talking() as client:
        answer = await client.post("suite", data=REPORT, headers={"Content-Type": media_type})
        assert answer.status == 202, answer.text
        status = await client.seen("suite")
        assert status.last is not None
        facts = status.last.last.facts
        assert (facts["tests"], facts["assertions"], facts["duration_seconds"]) == (19, 53, 2.5)
        assert status.last.result == "success"
        address = "http://{}:{}/metrics".format(*client.daemon.address)
        async with client.session.get(address) as response:
            text = await response.text()
        labels = '{check="suite",kind="push",target="/api/v1/push/suite"}'
        assert f"probe_push_tests{labels} 19.0" in text
        assert f"probe_push_assertions{labels} 53.0" in text
        assert f"probe_push_age_seconds{labels} 0." in text


async def test_nothing_in_the_body_says_that_all_is_well(talking: Talks) -> None:
    async with talking() as client:
        assert (await client.post("backup", "only for backup")).status == 202
        status = await client.seen("backup")
        assert status.last is not None
        assert status.last.result == "success"


async def test_a_name_of_any_letters(talking: Talks) -> None:
    async with talking() as client:
        for written in ("odd/n%C3%A4me", "odd%2Fn%C3%A4me"):
            assert (await client.post(written)).status == 202
        await client.seen("odd/näme")


@pytest.mark.parametrize(
    ("name", "token", "status"),
    [
        pytest.param("suite", None, 401, id="no token"),
        pytest.param("suite", "", 401, id="an empty one"),
        pytest.param("suite", "for al", 401, id="a wrong one"),
        pytest.param("suite", "for all\xff", 401, id="another letter"),
        pytest.param("suite", "only for backup", 401, id="that of another check"),
        pytest.param("backup", "for all", 401, id="that of those without one of their own"),
        pytest.param("backup", "only for backup", 202, id="its own"),
        pytest.param("nothing", None, 401, id="an unknown check, no token"),
        pytest.param("nothing", "only for backup", 401, id="an unknown check, a token of another"),
        pytest.param("nothing", "for all", 404, id="an unknown check"),
        pytest.param("page", "for all", 404, id="a check of another kind"),
        pytest.param("page", "wrong", 401, id="a check of another kind, a wrong token"),
    ],
)
async def test_who_may_push(name: str, token: str | None, status: int, talking: Talks) -> None:
    async with talking() as client:
        answer = await client.post(name, token)
        assert answer.status == status
        if status == 401:
            assert answer.headers["WWW-Authenticate"] == "Bearer"
            assert answer.problem["detail"] == "expected the token of this check as a bearer token"
        if status == 404:
            assert answer.problem["detail"] == "no check of kind push has this name"


@pytest.mark.parametrize("authorization", ["for all", "Basic for all", "Bearer", "Bearer  "])
async def test_another_scheme_is_no_bearer_token(authorization: str, talking: Talks) -> None:
    async with talking() as client:
        answer = await client.post("suite", None, headers={"Authorization": authorization})
        assert answer.status == 401


async def test_without_any_token_pushing_is_off(talking: Talks) -> None:
    async with talking(checks=CHECKS[:1], tokens={}) as client:
        for name in ("suite", "nothing"):
            answer = await client.post(name, "for all", json={})
            assert answer.status == 403
            assert answer.problem["detail"] == "pushing is off: set tokens.push_file"


async def test_with_tokens_of_some_checks_the_others_are_not_told_apart(talking: Talks) -> None:
    async with talking(tokens={}) as client:
        for name in ("suite", "nothing"):
            assert (await client.post(name, "for all", json={})).status == 401
        assert (await client.post("backup", "only for backup")).status == 202


JSON = {"Content-Type": "application/json"}
XML = {"Content-Type": "application/xml"}
TEXT = {"Content-Type": "text/plain"}
ENTITY = '<!DOCTYPE x [<!ENTITY a "b">]><testsuite/>'


@pytest.mark.parametrize(
    ("data", "headers", "status", "detail"),
    [
        pytest.param("ok", TEXT, 415, "expected a Content-Type", id="text"),
        pytest.param("{", JSON, 422, "the body is no push: Invalid JSON", id="no JSON"),
        pytest.param("[]", JSON, 422, "the body is no push: ", id="a list"),
        pytest.param('{"okay": true}', JSON, 422, "okay: Extra inputs", id="an unknown key"),
        pytest.param('{"ok": "yes"}', JSON, 422, "ok: Input should be a valid boolean", id="ok"),
        pytest.param('{"ok": 1}', JSON, 422, "ok: Input should be a valid boolean", id="ok 1"),
        pytest.param('{"duration": -1}', JSON, 422, "duration: ", id="a duration below 0"),
        pytest.param('{"duration": NaN}', JSON, 422, "duration: ", id="not a number"),
        pytest.param('{"tests": -1}', JSON, 422, "tests: ", id="a count below 0"),
        pytest.param('{"tests": 1.5}', JSON, 422, "tests: ", id="a part of a test"),
        pytest.param('{"facts": {"a b": 1}}', JSON, 422, "facts.a b", id="the name of a fact"),
        pytest.param('{"facts": {"a": null}}', JSON, 422, "facts.a", id="no fact"),
        pytest.param('{"facts": {"a": "%s"}}' % ("x" * 201), JSON, 422, "facts.a", id="long"),
        pytest.param(
            json.dumps({"facts": {f"f{n}": n for n in range(51)}}), JSON, 422, "facts: ", id="many"
        ),
        pytest.param('{"message": "\\ud800"}', JSON, 422, "the body is no push", id="no letter"),
        pytest.param("<html/>", XML, 422, "no report of JUnit's", id="no report"),
        pytest.param("<a", XML, 422, "no XML: unclosed token on line 1", id="no XML"),
        pytest.param(ENTITY, XML, 422, "found a document type", id="an entity"),
        pytest.param(" " * (JSON_LIMIT + 1), JSON, 413, "at most 65,536 bytes", id="large JSON"),
        pytest.param(" " * (XML_LIMIT + 1), XML, 413, "at most 8,388,608 bytes", id="large XML"),
        pytest.param(
            gzip.compress(b" " * (XML_LIMIT + 1)),
            XML | {"Content-Encoding": "gzip"},
            413,
            "at most 8,388,608 bytes",
            id="large once it is decompressed",
        ),
    ],
)  # fmt: skip
async def test_bodies_that_are_no_push(
    data: bytes | str, headers: dict[str, str], status: int, detail: str, talking: Talks
) -> None:
    async with talking() as client:
        answer = await client.post("suite", data=data, headers=headers)
        assert answer.status == status, answer.text
        assert detail in answer.problem["detail"]
        assert (client.daemon.board.checks["suite"].last) is None


async def test_a_body_that_is_not_in_its_encoding(talking: Talks) -> None:
    async with talking() as client:
        headers = JSON | {"Content-Encoding": "gzip"}
        answer = await client.post("suite", data=b"{}", headers=headers)
        assert answer.status == 400


async def test_a_body_of_an_unknown_length_is_cut_off(talking: Talks) -> None:
    async def endless() -> AsyncIterator[bytes]:
        while True:
            yield b" " * 65536
            await asyncio.sleep(0)

    async with talking() as client:
        answer = await client.post("suite", data=endless(), headers=XML)
        assert answer.status == 413


async def test_another_method_is_not_for_this(talking: Talks) -> None:
    async with talking() as client:
        assert (await client.post("suite", method="GET")).status == 405


async def test_a_check_is_not_pushed_to_without_end(talking: Talks) -> None:
    async with talking() as client:
        statuses = [(await client.post("suite", json={})).status for _ in range(BURST + 5)]
        assert statuses[:BURST] == [202] * BURST
        assert 429 in statuses
        answer = await client.post("suite", json={})
        assert answer.headers["Retry-After"] == "1"
        assert "at most one push in 1 s" in answer.problem["detail"]
        assert (await client.post("backup", "only for backup")).status == 202


async def test_a_silence_is_noticed_by_the_beat(talking: Talks) -> None:
    check = CHECKS[0] | {
        "interval": "100ms",
        "push": {"every": "200ms", "grace": "100ms"},
    }
    async with talking(checks=[check]) as client:
        status = await client.seen("suite")
        assert status.last is not None
        assert status.last.result == "unknown"

        async def silent() -> bool:
            failure = client.daemon.board.checks["suite"].state.failure
            return failure is not None and failure.reason is Reason.TIMEOUT

        await client.wait_for(silent, 30)
        assert not any(
            o.retried for s in client.daemon.board.checks.values() if (o := s.last) is not None
        )
        await client.post("suite", json={})

        async def verified() -> bool:
            return bool(client.daemon.board.claims[CLAIM].standing == "verified")

        await client.wait_for(verified, 30)


async def test_what_was_pushed_is_known_after_a_restart(
    talking: Talks, tmp_path: Path, wait_for: WaitFor
) -> None:
    pushed = {
        "ok": True,
        "message": "all baked",
        "duration": 2.5,
        "facts": {"rows": 3, "host": "oven"},
        "tests": 19,
        "assertions": 53,
    }
    async with talking() as client:
        await client.post("suite", json=pushed)
        await client.post("backup", "only for backup", json={"ok": False, "message": "full"})
    file = tmp_path / "pushes.json"
    assert set(json.loads(file.read_text("utf-8"))) == {"suite", "backup"}
    assert file.stat().st_mode & 0o777 == 0o600
    quick = [check | {"interval": "200ms"} for check in CHECKS[:2]]
    async with talking(checks=quick) as client:
        suite, backup = await client.seen("suite"), await client.seen("backup")
        assert suite.last is not None
        assert suite.last.result == "success", suite.last
        assert (suite.last.last.facts["tests"], suite.last.last.facts["assertions"]) == (19, 53)
        assert 0 < suite.last.last.facts["age_seconds"] < 60
        assert backup.state.failure is not None
        assert "not ok: full" in backup.state.failure.detail


@pytest.mark.parametrize("content", [b"", b"\xff", b"[]", b'{"suite": {"received": "x"}}'])
async def test_a_file_of_pushes_that_is_none_is_let_be(
    content: bytes, talking: Talks, tmp_path: Path
) -> None:
    (tmp_path / "pushes.json").write_bytes(content)
    async with talking() as client:
        assert (await client.post("suite", json={"tests": 19})).status == 202
        await client.seen("suite")


async def test_a_check_that_stays_keeps_its_push_over_a_reload(
    talking: Talks, tmp_path: Path
) -> None:
    async with talking() as client:
        await client.post("suite", json={"tests": 19})
        await client.seen("suite")
        config = tmp_path / "evidenced.yaml"
        config.write_text(config.read_text("utf-8").replace("min: 19", "min: 20"), "utf-8")
        assert await client.daemon.in_force.reload() == ()
        await client.post("backup", "only for backup")
        await client.seen("backup")
        mailbox = dict(client.daemon._resources.mailbox)
        assert set(mailbox) == {"suite", "backup"}
