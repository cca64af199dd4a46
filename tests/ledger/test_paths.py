from collections.abc import Callable
from typing import Any

import pytest

from evidenced.ledger.paths import document_path

Cited = Callable[..., list[dict[str, Any]]]


@pytest.mark.parametrize(
    ("written", "path"),
    [
        ("docs/OPS/PROOF.md", "docs/OPS/PROOF.md"),
        ("./docs/PROOF.md", "docs/PROOF.md"),
        ("../shop/docs/PROOF.md", "../shop/docs/PROOF.md"),
        (".github/workflows/stock.yml", ".github/workflows/stock.yml"),
        ("web/src/app/api/me/[id]/route.ts", "web/src/app/api/me/[id]/route.ts"),
        ("(shop)/cart/page.tsx", "(shop)/cart/page.tsx"),
        ("docs/features/", "docs/features/"),
        ("orders/", "orders/"),
        ("backend/.env", "backend/.env"),
        ("backend/Makefile", "backend/Makefile"),
        ("tests/AuthTest.php:374-446", "tests/AuthTest.php"),
        ("cart.ts:51", "cart.ts"),
        ("docs/a.md#proof-2", "docs/a.md"),
        ("README.md", "README.md"),
        ("stock.spec.ts", "stock.spec.ts"),
        ("Dockerfile", "Dockerfile"),
        (".gitignore", ".gitignore"),
        (".env.example", ".env.example"),
        ("docs/Οδηγός.md", "docs/Οδηγός.md"),
        ("etc/nginx/site.conf2", "etc/nginx/site.conf2"),
    ],
)
def test_documents(written: str, path: str) -> None:
    assert document_path(written) == path


@pytest.mark.parametrize(
    "written",
    [
        "",
        "/",
        "./",
        "../",
        "a//b.md",
        "pnpm test:e2e:prep",
        "cat docs/a.md",
        "GET /api/orders",
        "/api/me/products/{id}",
        "/api/orders",
        "/sitemap.xml",
        "/etc/hosts",
        "/var/log/a.log",
        "~/.ssh/config.d",
        "https://shop.example/a.md",
        "www.shop.example/a.html",
        "shop.example/a.html",
        "127.0.0.1/a.html",
        "localhost/a.html",
        "docs/*.md",
        "docs/{a,b}.md",
        "owner/name",
        "feature/x-y",
        "owner/name.git",
        "text/csv",
        "Node.js",
        "order.status",
        "shop.example",
        "127.0.0.1",
        "v1.2.3",
        ".first()",
        "test.skip()",
        "process.env",
        "sshguard.service",
        "A=b.md",
        "--config/a.yml",
        "*/15 * * * *",
        "docs/…md",
        "a" * 400 + ".md",
    ],
)
def test_no_documents(written: str) -> None:
    assert document_path(written) is None


@pytest.mark.parametrize(
    ("sentence", "paths"),
    [
        ("`docs/a.md` and `docs/b.md`, again `docs/a.md`", "docs/a.md docs/b.md"),
        ("[proof](docs/a.md#x)", "docs/a.md"),
        ("[proof](/docs/a.md)", "docs/a.md"),
        ("[proof](./docs/a.md?raw=1)", "docs/a.md"),
        ("[proof](docs/%CE%91.md)", "docs/Α.md"),
        ("![shot](docs/shot.png)", "docs/shot.png"),
        ("[here](docs/a.md): `docs/b.md`", "docs/a.md docs/b.md"),
        (
            "[top](#proof) [shop](https://shop.example/a.md) [cart](/cart) [m](mailto:a@b.example)",
            "",
        ),
        ("docs/a.md without marks", ""),
        ("`a.md`\n  - nested `b.md`\n\n    | `c.md` |\n    |--|\n    | x |", "a.md b.md c.md"),
    ],
)
def test_documents_of_an_item(cited: Cited, sentence: str, paths: str) -> None:
    assert [form["ref"] for form in cited(sentence, "document")] == paths.split()
