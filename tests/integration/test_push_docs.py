"""What docs/push.md shows is run as it stands there: shell, crontab, workflow and JSON."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from markdown_it import MarkdownIt

from evidenced.app.daemon import Daemon
from evidenced.app.life import running
from evidenced.config.load import load
from evidenced.publish.push_body import of_json

PAGE = Path(__file__).parents[2] / "docs" / "push.md"

# Fresh systems have no curl. This says what it would, with the options that the page uses.
CURL = """#!{python}
import argparse, urllib.request
options = argparse.ArgumentParser()
options.add_argument("-fsS", action="store_true")
options.add_argument("-X")
options.add_argument("-H", action="append")
options.add_argument("--data-binary")
options.add_argument("url")
given = options.parse_args()
data = open(given.data_binary[1:], "rb").read() if given.data_binary else b""
headers = dict(header.split(": ", 1) for header in given.H)
urllib.request.urlopen(urllib.request.Request(given.url, data, headers, method=given.X)).close()
"""


def blocks(language: str) -> list[str]:
    tokens = MarkdownIt().parse(PAGE.read_text("utf-8"))
    found = [t.content for t in tokens if t.type == "fence" and t.info == language]
    assert found
    return found


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with the page's configuration, its tokens, a job and a test suite."""
    (tmp_path / "STATE.md").write_text("## CLOSED\n\n## STABLE\n\n- **Bread**: rises\n", "utf-8")
    for name in ("push-token", "backup-token"):
        (tmp_path / name).write_text(f"{name} swordfish\n", "utf-8")
    shown = next(text for text in blocks("yaml") if "checks:" in text)
    config = {"ledger": {"path": "STATE.md"}, "listen": "127.0.0.1:0", **yaml.safe_load(shown)}
    (tmp_path / "evidenced.yaml").write_text(yaml.safe_dump(config), "utf-8")
    tests = "".join(f"def test_{number}(): assert {number} >= 0\n" for number in range(19))
    (tmp_path / "test_orders.py").write_text(tests, "utf-8")
    (tmp_path / "last").mkdir()
    scripts = {
        "backup": "#!/bin/sh\n",
        "evidenced": f'#!/bin/sh\nexec {sys.executable} -m evidenced.cli "$@"\n',
        "pytest": f'#!/bin/sh\nexec {sys.executable} -m pytest -q -p no:cacheprovider "$@"\n',
        "last/curl": CURL.format(python=sys.executable),
    }
    for name, text in scripts.items():
        (tmp_path / name).write_text(text, "utf-8")
        (tmp_path / name).chmod(0o755)
    return tmp_path


@pytest.fixture
async def daemon(folder: Path) -> AsyncIterator[Daemon]:
    async with running(folder / "evidenced.yaml") as living:
        yield living


async def shell(command: str, folder: Path, daemon: Daemon, token: str) -> None:
    url = "http://{}:{}".format(*daemon.address)
    process = await asyncio.create_subprocess_exec(
        "/bin/sh",
        "-euc",
        command,
        cwd=folder,
        env={
            "PATH": f"{folder}:{os.environ['PATH']}:{folder / 'last'}",
            "EVIDENCED_URL": url,
            "EVIDENCED_PUSH_TOKEN": (folder / token).read_text("utf-8").strip(),
        },
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    out, _ = await asyncio.wait_for(process.communicate(), 60)
    assert process.returncode == 0, out.decode()


def pushed(daemon: Daemon) -> dict[str, Any]:
    return dict(daemon._resources.mailbox)


async def test_the_commands_for_scripts(folder: Path, daemon: Daemon) -> None:
    telling, by_curl, testing, report_by_curl = blocks("sh")
    here = "http://{}:{}".format(*daemon.address)
    await shell(telling.replace("http://127.0.0.1:9321", here), folder, daemon, "backup-token")
    first = pushed(daemon)["nightly-backup"]
    assert (first.message, first.facts) == ("412 MB", {"files": 1290})
    await shell(by_curl, folder, daemon, "backup-token")
    assert pushed(daemon)["nightly-backup"].received > first.received
    await shell(testing, folder, daemon, "push-token")
    run = pushed(daemon)["order-tests"]
    assert (run.tally.tests, run.tally.failures) == (19, 0)
    await shell(report_by_curl, folder, daemon, "push-token")
    again = pushed(daemon)["order-tests"]
    assert again.received > run.received
    assert again.tally == run.tally


async def test_the_line_for_a_crontab(folder: Path, daemon: Daemon) -> None:
    (line,) = blocks("crontab")
    *_, command = line.split(None, 5)
    await shell(command, folder, daemon, "backup-token")
    assert pushed(daemon)["nightly-backup"].ok is True
    (folder / "backup").write_text("#!/bin/sh\nexit 3\n", "utf-8")
    await shell(command, folder, daemon, "backup-token")
    assert pushed(daemon)["nightly-backup"].ok is False


async def test_the_steps_of_a_workflow(folder: Path, daemon: Daemon) -> None:
    (workflow,) = (yaml.safe_load(text) for text in blocks("yaml") if "steps:" in text)
    for step in workflow["steps"]:
        await shell(step["run"], folder, daemon, "push-token")
    assert pushed(daemon)["order-tests"].tally.tests == 19


def test_the_configurations_load(folder: Path) -> None:
    path = folder / "evidenced.yaml"
    checks = load(path).checks
    assert [check.kind for check in checks] == ["push", "push"]
    assert checks[0].settings.target == "/api/v1/push/"
    (heartbeat,) = (text for text in blocks("yaml") if "heartbeat:" in text)
    path.write_text(f"ledger: {{path: STATE.md}}\n{heartbeat}", "utf-8")
    found = load(path).heartbeat
    assert found is not None
    assert found.every == 60


def test_the_body_that_is_shown_is_a_push() -> None:
    (body,) = blocks("json")
    push = of_json(body.encode(), 0.0)
    assert push.tally is not None
    assert (push.ok, push.tally.assertions, push.facts["files"]) == (True, 53, 1290)
