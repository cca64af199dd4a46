"""Where what is cited can be read."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from evidenced.config.model import Config
from evidenced.ledger.model import (
    Commit,
    Document,
    Http,
    Ledger,
    PullRequest,
    Reference,
    TestRun,
    Timestamp,
    Url,
)
from evidenced.publish.page.links import Home, home, link, remote
from evidenced.watch.plan import make_plan

GITHUB = Home("https://github.com/a/b", "github")
GITLAB = Home("https://gitlab.com/a/b", "gitlab")
FORGEJO = Home("https://codeberg.org/a/b", "forgejo")


@pytest.mark.parametrize(
    ("address", "found"),
    [
        ("https://github.com/a/b.git", GITHUB),
        ("git@github.com:a/b.git", GITHUB),
        ("https://me:secret@github.com/a/b", GITHUB),
        ("ssh://git@gitlab.com:2222/a/b.git", GITLAB),
        ("https://codeberg.org/a/b", FORGEJO),
        ("https://git.gitea.example:8443/a/b", Home("https://git.gitea.example:8443/a/b", "gitea")),
        ("https://nobody-knows.example/a/b", None),
        ("/srv/git/b", None),
        ("https://github.com:port/a/b", None),
        ("", None),
    ],
)
def test_home_by_the_remote(tmp_path: Path, address: str, found: Home | None) -> None:
    (tmp_path / ".git").mkdir()
    config = f'[core]\n\tbare = false\n[remote "origin"]\n\turl = {address}\n'
    (tmp_path / ".git/config").write_text(config, "utf-8")
    assert remote(tmp_path) == found


@pytest.mark.parametrize("content", [None, "no = section\n", "[core]\n", "x" * 300_000])
def test_no_home_by_a_broken_one(tmp_path: Path, content: str | None) -> None:
    if content is not None:
        (tmp_path / ".git").mkdir()
        (tmp_path / ".git/config").write_text(content, "utf-8")
    assert remote(tmp_path) is None


def test_home_by_a_check(tmp_path: Path) -> None:
    forge = {"repository": "a/b", "pull_request": 1, "base_url": "https://forge.example/"}
    check = {"name": "merged", "forge": forge | {"forge": "gitea"}}
    config = Config.model_validate({"ledger": {"path": "STATE.md"}, "checks": [check]})
    checks = make_plan(config, Ledger(None, {}, frozenset())).checks
    assert home(tmp_path, checks) == Home("https://forge.example/a/b", "gitea")
    assert home(tmp_path, ()) is None


@pytest.mark.parametrize(
    ("reference", "where", "address"),
    [
        (PullRequest("7"), GITHUB, "https://github.com/a/b/pull/7"),
        (PullRequest("7"), GITLAB, "https://gitlab.com/a/b/-/merge_requests/7"),
        (PullRequest("7"), FORGEJO, "https://codeberg.org/a/b/pulls/7"),
        (Commit("abc1234"), GITHUB, "https://github.com/a/b/commit/abc1234"),
        (Document("docs/a b.md"), GITHUB, "https://github.com/a/b/blob/HEAD/docs/a%20b.md"),
        (Document("../secret"), GITHUB, None),
        (PullRequest("7"), None, None),
        (Url("https://x.example/y"), None, "https://x.example/y"),
        (Url("javascript:alert(1)"), GITHUB, None),
        (Http("/cart", 200), None, "https://shop.example/cart"),
        (Http("/cart", 200, method="POST"), None, None),
        (TestRun(3), GITHUB, None),
        (Timestamp(datetime(2026, 1, 1, tzinfo=UTC)), GITHUB, None),
    ],
    ids=str,
)
def test_addresses(reference: Reference, where: Home | None, address: str | None) -> None:
    assert link(reference, where, "https://user:secret@shop.example") == address
