import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import evidenced as package
from evidenced.demo.shop import Shop

Command = Callable[..., Any]


def test_check_says_that_all_is_met(evidenced: Command, config: Path) -> None:
    ran = evidenced("check", "-c", config)
    assert ran.status == 0
    assert "12 of 12 checks met" in ran.out
    assert "account-redirects-login" in ran.out


@pytest.mark.parametrize(
    ("page", "how", "lines"),
    [
        ("/cart", "500", ["✘", "expected status 200, found 500", "11 of 12 checks met, 1 not"]),
        ("/teas", "skeleton", ["222 bytes without it", "10 of 12 checks met, 2 not met"]),
        ("/login", "redirect", ["expected a redirect to /account/login, found /somewhere/else"]),
        ("/api/health", "database", ["expected $.database to be"]),
        ("/api/v1/orders", "empty", ["expected status 401, found 200"]),
        ("/api/v1/teas", "slow", ["deadline of"]),
    ],
)
def test_check_says_what_was_not_met(
    page: str, how: str, lines: list[str], evidenced: Command, config: Path, shop: tuple[Shop, str]
) -> None:
    shop[0].broken[page] = how
    ran = evidenced("check", "-c", config)
    assert ran.status == 1
    for line in lines:
        assert line in ran.out


def test_check_as_json(evidenced: Command, config: Path, shop: tuple[Shop, str]) -> None:
    shop[0].broken["/cart"] = "500"
    ran = evidenced("check", "-c", config, "--json", "cart", "health")
    assert ran.status == 1
    answer = json.loads(ran.out)
    assert answer["met"] is False
    cart, health = answer["checks"]
    assert (cart["check"], cart["result"], cart["claims"]) == ("cart", "failure", ["cart"])
    assert cart["attempts"] == 2
    assert cart["failure"]["reason"] == "status"
    assert cart["expectations"][0] == {
        "name": "status",
        "met": False,
        "expected": "status 200",
        "found": "500",
    }
    assert (health["result"], health["facts"]["status_code"]) == ("success", 200)
    assert sum(health["phases_seconds"].values()) <= health["duration_seconds"]


def test_check_of_a_name_that_is_not_there(evidenced: Command, config: Path) -> None:
    ran = evidenced("check", "-c", config, "crat")
    assert (ran.status, ran.out) == (2, "")
    assert ran.err == "no check is named 'crat'; did you mean 'cart'?\n"


def test_plan_lists_checks_and_what_is_left_open(evidenced: Command, config: Path) -> None:
    ran = evidenced("plan", "-c", config)
    assert ran.status == 0
    assert "12 checks for 12 claims." in ran.out
    assert "location /account/signup" in ran.out
    assert "backup-restore-drill" in ran.out.partition("Nothing speaks for")[2]


def test_plan_as_json(evidenced: Command, config: Path) -> None:
    answer = json.loads(evidenced("plan", "-c", config, "--json").out)
    by_name = {check["name"]: check for check in answer["checks"]}
    assert by_name["account-redirects-login"]["expect"] == {
        "status": ["307"],
        "location": "/account/login",
    }
    assert by_name["tea-list"]["expect"]["body"] == {"contains": ["First Flush Darjeeling"]}
    assert by_name["health"]["origin"] == "configured"
    assert [claim["claim"] for claim in answer["silent"]] == ["backup-restore-drill"]


def test_validate(evidenced: Command, config: Path) -> None:
    ran = evidenced("validate", "-c", config)
    assert ran.status == 0
    assert "ok: 12 checks, 12 claims, 1 of them with no check" in ran.out


def test_validate_names_claims_that_the_ledger_lacks(evidenced: Command, config: Path) -> None:
    config.write_text(
        config.read_text("utf-8").replace("- catalogue-api", "- catalog-api"), "utf-8"
    )
    ran = evidenced("validate", "-c", config)
    assert ran.status == 0
    assert "catalogue-api: 'catalog-api'; did you mean 'catalogue-api'?" in ran.out


@pytest.mark.parametrize("command", ["run", "check", "plan", "validate", "rules"])
def test_a_bad_configuration_is_lines_on_stderr_and_exit_2(
    command: str, evidenced: Command, config: Path
) -> None:
    text = config.read_text("utf-8")
    config.write_text(
        text.replace("claims:", "claim:", 1).replace("interval: 2s", "interval: 2 s"), "utf-8"
    )
    ran = evidenced(command, "-c", config)
    assert (ran.status, ran.out) == (2, "")
    lines = ran.err.splitlines()
    assert len(lines) == 2
    assert all(line.startswith(f"{config}:") for line in lines)
    assert any("did you mean 'claims'?" in line for line in lines)


def test_no_configuration_at_all(
    evidenced: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("EVIDENCED_CONFIG", raising=False)
    ran = evidenced("plan")
    assert ran.status == 2
    assert "evidenced.yaml" in ran.err


def test_the_configuration_is_found_by_the_environment(
    evidenced: Command, config: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EVIDENCED_CONFIG", str(config))
    assert evidenced("validate").status == 0


def test_an_address_that_is_taken(evidenced: Command, config: Path, shop: tuple[Shop, str]) -> None:
    taken = shop[1].removeprefix("http://")
    config.write_text(config.read_text("utf-8").replace("127.0.0.1:0", taken), "utf-8")
    ran = evidenced("run", "-c", config)
    assert ran.status == 2
    assert taken.partition(":")[2] in ran.err
    assert len(ran.err.splitlines()) == 1


def test_ledger_show(evidenced: Command, config: Path) -> None:
    ran = evidenced("ledger", "show", config.parent / "STATE.md")
    assert ran.status == 0
    assert "updated 2026-11-20 08:15 UTC" in ran.out
    assert "CLOSED (3)" in ran.out
    assert "health-without-its-database  closed 2026-10-09" in ran.out
    assert "done when: An empty result says so" in ran.out


def test_ledger_show_as_json_without_a_file_is_that_of_the_configuration(
    evidenced: Command, config: Path
) -> None:
    answer = json.loads(evidenced("ledger", "show", "--json", "-c", config).out)
    counts = {name: len(items) for name, items in answer["sections"].items()}
    assert counts == {"closed": 3, "stable": 9, "in_progress": 1, "blocked": 0, "next": 2}


@pytest.mark.parametrize("content", [None, "", "\n \n"])
def test_a_ledger_that_cannot_be_read(
    content: str | None, evidenced: Command, tmp_path: Path
) -> None:
    file = tmp_path / "LEDGER.md"
    if content is not None:
        file.write_text(content)
    ran = evidenced("ledger", "show", file)
    assert (ran.status, ran.out, len(ran.err.splitlines())) == (2, "", 1)
    assert ran.err.startswith(f"{file}: ")


def test_rules_go_to_stdout_or_a_file(evidenced: Command, config: Path, tmp_path: Path) -> None:
    printed = evidenced("rules", "-c", config)
    written = evidenced("rules", "-c", config, "-o", tmp_path / "rules.yml")
    assert (printed.status, written.status, written.out) == (0, 0, "")
    assert (tmp_path / "rules.yml").read_text("utf-8") == printed.out
    assert "EvidencedClosedClaimContradicted" in printed.out


def test_schema_is_a_json_schema(evidenced: Command) -> None:
    schema = json.loads(evidenced("schema").out)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert "ledger" in schema["required"]


def test_version(evidenced: Command) -> None:
    assert evidenced("--version").out == f"evidenced {package.__version__}\n"
