"""What the drop-ins make of the units where systemd is newer than Debian 12's."""

import pytest

from systemd.hosting import PLACE, UNITS, Host, fetch

LAID = ("since-253/notify-reload.conf", "since-254/back-off.conf")


@pytest.fixture(scope="module")
def host(newer: Host) -> Host:
    """The host with the drop-ins that its systemd knows."""
    for file in LAID:
        text = (UNITS / "drop-ins" / file).read_text()
        name = file.partition("/")[2].removesuffix(".conf")
        newer.drop_in("evidenced.service", name, text)
    return newer


def test_systemd_has_nothing_to_say_of_them(host: Host) -> None:
    assert int(host.box.run("systemctl", "--version").split()[1]) >= 254
    unit = "/etc/systemd/system/evidenced.service"
    said = host.box.run("sh", "-c", f"systemd-analyze verify {unit} 2>&1")
    assert [line for line in said.splitlines() if "evidenced" in line] == []
    shown = host.show("evidenced.service")
    wanted = {"RestartSteps": "8", "RestartMaxDelayUSec": "5min", "ReloadSignal": "1"}
    assert {name: shown[name] for name in wanted} == wanted


def test_a_reload_is_over_when_the_configuration_was_read(host: Host) -> None:
    checks = "  - {name: till, claims: [till], file: {path: /etc/hostname}}\n"
    port = host.configure("evidenced", checks)
    host.systemctl("start", "evidenced.service")
    assert host.show("evidenced.service")["Type"] == "notify-reload"
    good = f"listen: 127.0.0.1:{port}\nledger: {{path: {PLACE}/shop/STATE.md}}\nchecks:\n{checks}"
    try:
        for text, taken in (("larder: 1\n", 0), (good, 1)):
            host.write("/etc/evidenced/evidenced.yaml", text)
            # Systemd fails it where it is not told that the reload has begun, and that it ended.
            host.systemctl("reload", "evidenced.service")
            assert f"evidenced_config_last_reload_successful {taken}.0" in fetch(port)
            assert host.show("evidenced.service")["SubState"] == "running"
    finally:
        host.systemctl("stop", "evidenced.service")
    assert host.show("evidenced.service")["Result"] == "success"


def test_it_waits_longer_from_one_failure_to_the_next(host: Host) -> None:
    text = "[Service]\nRestartSec=100ms\nRestartSteps=2\nRestartMaxDelaySec=3s\n"
    host.drop_in("evidenced.service", "quick", text + "ExecStart=\nExecStart=/bin/false\n")
    host.systemctl("start", "evidenced.service", check=False)
    try:
        # By the time that systemctl has answered, the first failures may already be behind it.
        host.wait("it waits", lambda: host.show("evidenced.service")["RestartUSecNext"] == "3s")
        shown = host.show("evidenced.service")
        assert (shown["RestartUSec"], int(shown["NRestarts"]) >= 2) == ("100ms", True)
    finally:
        host.systemctl("stop", "evidenced.service")
