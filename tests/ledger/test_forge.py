from collections.abc import Callable
from typing import Any

import pytest

Cited = Callable[..., list[dict[str, Any]]]


@pytest.mark.parametrize(
    ("sentence", "numbers"),
    [
        ("Merged via PR #41.", "41"),
        ("PR: #41", "41"),
        ("**PR**: #41", "41"),
        ("(PR #41)", "41"),
        ("PR#41 merged", "41"),
        ("PRs: #7 merged 2026-01-01, #8 merged 2026-01-02", "7 8"),
        ("PRs: #7 (partial, slow), #8 (final, merged 2026-01-02T03:57:51Z)", "7 8"),
        ("PRs #1, #2 and #3; PR #4", "1 2 3 4"),
        ("(PR #24, #25)", "24 25"),
        ("pull request #8 (fixes #5), #9", "8 9"),
        ("PR #7, Order #8, #9", "7"),
        ("PR #7. #8 is an order", "7"),
        ("merge request !12", "12"),
        ("`PR #41`", "41"),
        ("PR #41 and PR #41", "41"),
        ("PR [#41](https://forge.example/o/r/pull/41)", "41"),
        ("https://forge.example/o/r/pull/41/files", "41"),
        ("https://forge.example/g/s/r/-/merge_requests/9.", "9"),
        ("(https://forge.example/o/r/pull/41)", "41"),
        ("Files:\n  - **PRs**:\n    - #7 (first)\n    - #8 (second)\n  - Parcel #9", "7 8"),
        ("Issue #7", ""),
        ("issues #7, #8", ""),
        ("run #7", ""),
        ("Order #7 and #8", ""),
        ("PR: #TBD", ""),
        ("PR: #TBD, Issue #7, run #8", ""),
        ("PR #12a, PR #-3, PR #0, PR 7", ""),
        ("GUARD #1: #2", ""),
        ("https://forge.example/o/r/issues/7", ""),
    ],
)
def test_pull_requests(cited: Cited, sentence: str, numbers: str) -> None:
    assert [form["ref"] for form in cited(sentence, "pull_request")] == numbers.split()


@pytest.mark.parametrize(
    ("sentence", "hashes"),
    [
        ("commit 9f2c1ab", "9f2c1ab"),
        ("commit `9f2c1ab`", "9f2c1ab"),
        ("`9f2c1ab`", "9f2c1ab"),
        ("commits 9f2c1ab, 0badc0de1 and 1a2b3c4", "9f2c1ab 0badc0de1 1a2b3c4"),
        ("PR #7 merged (9f2c1ab)", "9f2c1ab"),
        ("main @ 9f2c1ab", "9f2c1ab"),
        (
            "Commit: 0123456789abcdef0123456789abcdef01234567",
            "0123456789abcdef0123456789abcdef01234567",
        ),
        ("https://forge.example/o/r/commit/9f2c1ab", "9f2c1ab"),
        ("https://forge.example/o/r/-/commits/9f2c1ab/", "9f2c1ab"),
        ("9f2c1ab alone", ""),
        ("commit deadbeef", ""),
        ("run `20522185625`", ""),
        ("commit 9f2c1", ""),
        ("commit 9F2C1AB", ""),
        ("me@9f2c1ab", ""),
        ("commit 9f2c1ab-dirty", ""),
        ("`e47c6396-6fd3-429b-82b9-75ef9d0d505c`", ""),
        ("commit 0123456789abcdef0123456789abcdef0123456789", ""),
    ],
)
def test_commits(cited: Cited, sentence: str, hashes: str) -> None:
    assert [form["ref"] for form in cited(sentence, "commit")] == hashes.split()


@pytest.mark.parametrize(
    ("sentence", "urls"),
    [
        ("See https://shop.example/a?b=c#d.", "https://shop.example/a?b=c#d"),
        ("(https://shop.example/a_(b))", "https://shop.example/a_(b)"),
        ("<https://shop.example/a>", "https://shop.example/a"),
        ("[here](https://shop.example/a)", "https://shop.example/a"),
        ("`https://shop.example/a`", "https://shop.example/a"),
        ("https://shop.example/a, http://b.example", "https://shop.example/a http://b.example"),
        ("**https://shop.example/a**", "https://shop.example/a"),
        ("https://forge.example/o/r/issues/7", "https://forge.example/o/r/issues/7"),
        (
            "https://forge.example/o/r/actions/runs/123",
            "https://forge.example/o/r/actions/runs/123",
        ),
        ("https://shop.example/pulley/7", "https://shop.example/pulley/7"),
        ("`curl -I https://shop.example/a`", ""),
        ("https://shop.example/{id} and https://shop.example/...", ""),
        ("https://forge.example/o/r/pull/7", ""),
        ("http://[ and http:// and https://", ""),
        ("ftp://shop.example shop.example/a", ""),
    ],
)
def test_urls(cited: Cited, sentence: str, urls: str) -> None:
    assert [form["ref"] for form in cited(sentence, "url")] == urls.split()
