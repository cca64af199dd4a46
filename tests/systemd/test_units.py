"""What can be told of the units before they run."""

import re
from pathlib import Path

import pytest

from systemd.hosting import UNITS, Host

SERVICES = ("evidenced.service", "evidenced@.service", "evidenced-report.service")
SANDBOX = re.compile(
    r"^(User|Protect\w+|Private\w+|Restrict\w+|SystemCall\w+|CapabilityBoundingSet|UMask|"
    r"NoNewPrivileges|InaccessiblePaths|OOM\w+|Memory\w+|TasksMax|LimitNOFILE|\w+Weight)=.*",
    re.MULTILINE,
)


@pytest.mark.parametrize(
    "unit",
    [
        "evidenced.service",
        "evidenced@dawn.service",
        "evidenced.socket",
        "evidenced-report.service",
        "evidenced-report.timer",
    ],
)
def test_systemd_has_nothing_to_say_of_a_unit(host: Host, unit: str) -> None:
    command = f"systemd-analyze verify /etc/systemd/system/{unit} 2>&1; echo $?"
    # What it says of units of others, on this machine or in these tests, is theirs.
    said = host.box.run("sh", "-c", command).splitlines()
    assert [line for line in said if "evidenced" in line] == []
    assert said[-1] == "0"


@pytest.mark.parametrize("unit", SERVICES)
def test_a_service_is_little_exposed(host: Host, unit: str) -> None:
    said = host.box.run(
        *("systemd-analyze", "security", "--offline=true", "--no-pager"),
        f"/etc/systemd/system/{unit}",
    )
    level = re.search(r"exposure level for \S+: ([0-9.]+)", said)
    assert level
    assert float(level[1]) <= 1.5


@pytest.mark.parametrize("unit", SERVICES[1:])
def test_all_services_have_one_sandbox(unit: str) -> None:
    def sandbox(name: str) -> list[str]:
        return [found[0] for found in SANDBOX.finditer((UNITS / name).read_text())]

    assert len(sandbox(SERVICES[0])) > 30
    assert sandbox(unit) == sandbox(SERVICES[0])


def test_a_daemon_of_several_differs_only_in_what_is_its_own() -> None:
    def settings(name: str) -> list[str]:
        lines = (UNITS / name).read_text().splitlines()
        return [line for line in lines if line and not line.startswith("#")]

    one, several = settings("evidenced.service"), settings("evidenced@.service")
    assert len(one) == len(several)
    own = {a.partition("=")[0] for a, b in zip(one, several, strict=True) if a != b}
    assert own == {
        *("Description", "ExecStart", "StateDirectory", "RuntimeDirectory", "LoadCredential")
    }


@pytest.mark.parametrize(
    ("unit", "wanted"),
    [
        ("evidenced.service", {"Restart": "on-failure", "RestartUSec": "5s"}),
        ("evidenced.service", {"MemoryMax": str(2**30), "OOMPolicy": "continue"}),
        ("evidenced.service", {"OOMScoreAdjust": "300", "StartLimitIntervalUSec": "0"}),
        ("evidenced@dawn.service", {"StateDirectory": "evidenced/dawn", "User": "evidenced"}),
        ("evidenced-report.timer", {"Persistent": "yes", "Unit": "evidenced-report.service"}),
        ("evidenced.socket", {"Triggers": "evidenced.service", "FileDescriptorName": "http"}),
    ],
)  # fmt: skip
def test_a_unit_is_read_as_it_is_meant(host: Host, unit: str, wanted: dict[str, str]) -> None:
    shown = host.show(unit)
    assert {name: shown[name] for name in wanted} == wanted


@pytest.mark.parametrize("file", sorted(UNITS.rglob("*.conf")), ids=lambda file: file.stem)
def test_a_drop_in_says_what_it_is_for_and_is_read(host: Host, file: Path) -> None:
    text = file.read_text()
    assert text.startswith("# For ")
    unit = f"evidenced@{file.stem}.service"
    host.drop_in(unit, file.stem, text)
    said = host.box.run(
        "sh", "-c", f"systemd-analyze verify /etc/systemd/system/evidenced@.service:{unit} 2>&1"
    )
    found = [line for line in said.splitlines() if file.name in line]
    since = re.search(r"since-(\d+)", str(file))
    if since is None or int(since[1]) <= version(host):
        assert found == []
    else:
        # It is passed over, so that a host which is set back to an older systemd goes on.
        assert all("ignoring" in line for line in found)
        assert host.show(unit)["Type"] == "notify"


def version(host: Host) -> int:
    """The version of the box's systemd."""
    return int(host.box.run("systemctl", "--version").split()[1])
