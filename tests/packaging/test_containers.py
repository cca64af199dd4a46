"""The image and the stack around it, as hadolint and docker compose read them; what they mount."""

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

import evidenced
from evidenced.config.load import load
from evidenced.ledger.parse import read

from .conftest import PROJECT

PACKAGING = PROJECT / "packaging"
PINNED = re.compile(r"[a-z0-9]+(/[a-z0-9-]+)?:v?[0-9]+\.[0-9]+\.[0-9]+(-[a-z-]+)?")


@pytest.fixture(scope="module")
def programs(promtool: Path) -> Path:
    """The folder that hadolint and docker-compose are in."""
    for name in ("hadolint", "docker-compose"):
        if not promtool.with_name(name).exists():
            pytest.fail(f"{name} is missing: `make test` fetches it")
    return promtool.parent


def _run(program: Path, *arguments: str | Path) -> tuple[int, str, str]:
    done = subprocess.run(
        [program, *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        env={"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"},
    )
    return done.returncode, done.stdout, done.stderr


def _hadolint(programs: Path, file: Path) -> tuple[int, str, str]:
    options = ("--no-color", "--failure-threshold", "style", "--disable-ignore-pragma")
    return _run(programs / "hadolint", *options, file)


def _composed(programs: Path, file: Path) -> tuple[int, str, str]:
    """What docker compose makes of a file, held to the schema of such files."""
    return _run(programs / "docker-compose", "--file", file, "config", "--format", "json")


@pytest.fixture(scope="module")
def stack(programs: Path) -> dict[str, Any]:
    """The stack as docker compose reads it: each short form written out."""
    status, said, trouble = _composed(programs, PACKAGING / "compose.yaml")
    assert (status, trouble) == (0, "")
    read: dict[str, Any] = json.loads(said)
    return read


@pytest.fixture(scope="module")
def services(stack: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Each service of the stack."""
    found: dict[str, dict[str, Any]] = stack["services"]
    assert set(found) == {"evidenced", "prometheus", "alertmanager", "grafana"}
    return found


def _instructions() -> list[tuple[str, str]]:
    """Each instruction of the Containerfile with its arguments, continued lines joined."""
    lines = (PACKAGING / "Containerfile").read_text("utf-8").splitlines()
    text = "\n".join(line for line in lines if not line.startswith("#")).replace("\\\n", " ")
    split = (line.split(maxsplit=1) for line in text.splitlines() if line.strip())
    return [(name, rest) for name, rest in split]


def _of(name: str) -> list[str]:
    return [rest for instruction, rest in _instructions() if instruction == name]


def _last_stage() -> list[tuple[str, str]]:
    found = _instructions()
    start = max(i for i, (name, _) in enumerate(found) if name == "FROM")
    return found[start:]


def test_hadolint_has_nothing_to_say_of_the_image(programs: Path, tmp_path: Path) -> None:
    assert _hadolint(programs, PACKAGING / "Containerfile") == (0, "", "")
    unwise = tmp_path / "Containerfile"
    unwise.write_text((PACKAGING / "Containerfile").read_text("utf-8") + "RUN cd / && sudo ls\n")
    status, said, _ = _hadolint(programs, unwise)
    assert (status, sorted(set(re.findall(r"DL\d+", said)))) == (1, ["DL3003", "DL3004"])


def test_docker_compose_finds_what_is_wrong_with_a_stack(programs: Path, tmp_path: Path) -> None:
    wrong = tmp_path / "compose.yaml"
    text = (PACKAGING / "compose.yaml").read_text("utf-8")
    wrong.write_text(text.replace("mem_limit: 256m", "memory_limit: 256m"))
    status, _, trouble = _composed(programs, wrong)
    assert (status, "services.alertmanager.memory_limit" in trouble) == (1, True)


def test_the_images_that_it_begins_with_are_pinned() -> None:
    for base in _of("FROM"):
        assert PINNED.fullmatch(base.split()[0]), base


def test_the_image_is_not_run_as_root() -> None:
    assert [rest for name, rest in _last_stage() if name == "USER"] == ["65532:65532"]
    assert _last_stage()[-2:] == [
        ("ENTRYPOINT", '["evidenced"]'),
        ("CMD", '["run", "--config", "/etc/evidenced/evidenced.yaml"]'),
    ]


def test_commands_of_the_image_are_lists_and_it_has_a_health_check() -> None:
    (health,) = _of("HEALTHCHECK")
    for command in (*_of("CMD"), *_of("ENTRYPOINT"), health.partition(" CMD ")[2]):
        assert all(isinstance(word, str) for word in json.loads(command))


def test_what_is_copied_is_there_and_not_ignored() -> None:
    ignored = (PACKAGING / "Containerfile.dockerignore").read_text().splitlines()
    for copied in _of("COPY"):
        sources = copied.split()[:-1]
        if sources[0].startswith("--from="):
            continue
        for source in sources:
            assert (PROJECT / source).exists(), source
            assert f"!{source.rstrip('/')}" in ignored


def test_all_that_the_wheel_is_made_of_is_copied() -> None:
    copied = {one.rstrip("/") for rest in _of("COPY") for one in rest.split()[:-1]}
    text = (PROJECT / "pyproject.toml").read_text("utf-8")
    included = re.findall(r'^"([^"]+)" = "evidenced/', text, re.MULTILINE)
    assert len(included) > 4
    assert {path.split("/")[0] for path in included} <= copied


def test_versions_are_those_of_the_project(services: dict[str, dict[str, Any]]) -> None:
    assert f'org.opencontainers.image.version="{evidenced.__version__}"' in _of("LABEL")[0]
    assert services["evidenced"]["image"] == f"evidenced:{evidenced.__version__}"


def test_the_health_check_of_the_image_says_whether_the_daemon_lives(
    services: dict[str, dict[str, Any]],
) -> None:
    (health,) = _of("HEALTHCHECK")
    command = json.loads(health.partition(" CMD ")[2])
    assert command == services["evidenced"]["healthcheck"]["test"][1:]
    compile(command[2], "health", "exec")


def test_each_service_is_kept_small(services: dict[str, dict[str, Any]]) -> None:
    for name, service in services.items():
        assert PINNED.fullmatch(service["image"]), name
        assert service["read_only"] is True, name
        assert service["cap_drop"] == ["ALL"], name
        assert service["security_opt"] == ["no-new-privileges:true"], name
        assert int(service["user"].split(":")[0]) > 0, name
        assert int(service["mem_limit"]) <= 2**30, name
        assert service["restart"] == "unless-stopped", name
        assert service["healthcheck"]["test"][0] == "CMD", name
        assert "privileged" not in service, name
        assert set(service["networks"]) == {"default"}, name


def test_each_service_can_be_reached_from_its_host_only(
    services: dict[str, dict[str, Any]],
) -> None:
    for name, service in services.items():
        assert {port["host_ip"] for port in service["ports"]} == {"127.0.0.1"}, name


def test_what_each_service_mounts_is_there_and_one_volume_is_written_to(
    stack: dict[str, Any], services: dict[str, dict[str, Any]]
) -> None:
    written = []
    for name, service in services.items():
        for volume in service["volumes"]:
            if volume["type"] == "bind":
                assert Path(volume["source"]).exists(), name
                assert volume["read_only"] is True, name
            else:
                written.append(volume["source"])
    assert len(written) == len(services)
    assert set(written) == set(stack["volumes"])


def test_its_ledger_and_configuration_are_sound() -> None:
    config = load(PACKAGING / "compose" / "evidenced.yaml")
    claims = {item.id for item in read(config.ledger.path).claims}
    assert {claim for check in config.checks for claim in check.claims} == claims


def test_its_prometheus_is_configured_well(promtool: Path, tmp_path: Path) -> None:
    for source in (
        PACKAGING / "compose" / "prometheus.yml",
        PROJECT / "config" / "prometheus" / "evidenced.rules.yml",
    ):
        (tmp_path / source.name).write_bytes(source.read_bytes())
    status, _, trouble = _run(promtool, "check", "config", tmp_path / "prometheus.yml")
    assert status == 0, trouble


def test_its_alertmanager_is_configured_well(promtool: Path, tmp_path: Path) -> None:
    (tmp_path / "templates").symlink_to(PROJECT / "config" / "alertmanager" / "templates")
    (tmp_path / "am.yml").write_bytes((PACKAGING / "compose" / "alertmanager.yml").read_bytes())
    amtool = promtool.with_name("amtool")
    status, said, trouble = _run(amtool, "check-config", tmp_path / "am.yml")
    assert status == 0, trouble
    assert "1 templates" in said


def test_its_dashboards_find_prometheus(services: dict[str, dict[str, Any]]) -> None:
    ours = yaml.safe_load((PACKAGING / "compose" / "datasource.yaml").read_text())
    (source,) = ours["datasources"]
    provisioning = PROJECT / "grafana" / "provisioning"
    theirs = yaml.safe_load((provisioning / "datasources" / "prometheus.yaml").read_text())
    assert {**source, "url": theirs["datasources"][0]["url"]} == theirs["datasources"][0]
    assert source["url"] == "http://prometheus:9090"
    (provider,) = yaml.safe_load((provisioning / "dashboards" / "evidenced.yaml").read_text())[
        "providers"
    ]
    mounts = [volume["target"] for volume in services["grafana"]["volumes"]]
    assert provider["options"]["path"] in mounts


def test_no_file_names_the_host_of_a_registry() -> None:
    hosts = ("docker" + ".io", "ghcr" + ".io", "quay" + ".io", "pypi" + ".org", "gcr" + ".io")
    for path in PACKAGING.rglob("*"):
        if path.is_file():
            text = path.read_text("utf-8")
            assert [host for host in hosts if host in text] == [], path
