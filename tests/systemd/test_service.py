"""The daemon as a service of a real systemd."""

import re
import threading
import urllib.error
from collections import Counter
from collections.abc import Iterator
from functools import partial

import pytest

from ports import free_port
from systemd.hosting import Host, fetch

HOSTNAME = "  - {name: till, claims: [till], file: {path: /etc/hostname}}\n"


@pytest.fixture
def unit(host: Host, request: pytest.FixtureRequest) -> Iterator[str]:
    """The name of an instance that is this test's own; it is stopped afterwards."""
    name = re.sub(r"\W+", "-", request.node.name).strip("-")[:40]
    yield f"evidenced@{name}.service"
    host.systemctl("kill", "--signal=KILL", f"evidenced@{name}.service", check=False)
    host.systemctl("stop", f"evidenced@{name}.service", check=False)


def name_of(unit: str) -> str:
    return unit.removeprefix("evidenced@").removesuffix(".service")


def test_it_is_ready_when_all_stands_and_says_how_it_goes(host: Host, unit: str) -> None:
    host.write(f"/etc/credstore/evidenced@{name_of(unit)}.admin-token", "sesame\n", 0o600)
    more = "tokens: {admin_file: '${CREDENTIALS_DIRECTORY}/admin-token'}"
    port = host.configure(name_of(unit), HOSTNAME, more)
    host.systemctl("start", unit)
    # Started means ready: nothing is to be waited for.
    assert "evidenced_build_info" in fetch(port)
    shown = host.show(unit)
    assert (shown["ActiveState"], shown["WatchdogUSec"]) == ("active", "1min")
    folder = f"/var/lib/evidenced/{name_of(unit)}"
    assert host.box.run("stat", "-c", "%U", f"{folder}/evidence.db") == "evidenced"
    # The sandbox hides the bus, unless a drop-in says that it is asked.
    inside = host.box.run(
        "nsenter", "-t", shown["MainPID"], "--mount", "--root", "stat", "-c", "%a", "/run/dbus"
    )
    assert inside == "0"
    said = "2 claims: 1 unverified, 1 verified; 1 check"
    host.wait("the status", lambda: host.show(unit)["StatusText"] == said)
    with pytest.raises(urllib.error.HTTPError, match="401"):
        fetch(port, "/-/reload", "guess", "POST")
    fetch(port, "/-/reload", "sesame", "POST")


def test_a_reload_takes_over_the_configuration_and_bad_ones_are_told(host: Host, unit: str) -> None:
    port = host.configure(name_of(unit), HOSTNAME)
    host.systemctl("start", unit)
    host.write(f"/etc/evidenced/{name_of(unit)}.yaml", f"listen: 127.0.0.1:{port}\nlarder: 1\n")
    host.systemctl("reload", unit)
    host.wait("it is told", lambda: "an older one is in force" in host.show(unit)["StatusText"])
    host.wait("it is running", lambda: host.show(unit)["SubState"] == "running")
    host.systemctl("stop", unit)
    shown = host.show(unit)
    assert (shown["Result"], shown["ExecMainStatus"]) == ("success", "0")


def test_what_is_killed_is_started_anew_with_all_that_it_knew(host: Host, unit: str) -> None:
    port = host.configure(name_of(unit), HOSTNAME)
    host.drop_in(unit, "soon", "[Service]\nRestartSec=100ms\n")
    host.systemctl("start", unit)
    host.wait("it looks", lambda: "1 verified" in host.show(unit)["StatusText"])
    host.systemctl("kill", "--signal=KILL", unit)
    host.wait("it is started anew", lambda: host.show(unit)["NRestarts"] == "1")
    host.wait("it is ready", lambda: host.show(unit)["ActiveState"] == "active")
    assert re.search(r'evidenced_claim_verified\{claim="till".*} 1.0', fetch(port))


@pytest.mark.parametrize("missing", ["configuration", "ledger", "listener"])
def test_what_does_not_stand_is_never_ready(host: Host, unit: str, missing: str) -> None:
    port = host.configure(name_of(unit), HOSTNAME)
    config = f"/etc/evidenced/{name_of(unit)}.yaml"
    if missing == "configuration":
        host.write(config, "checks: 7\n")
    elif missing == "ledger":
        host.write(config, "ledger: {path: /opt/nothing/STATE.md}\n")
    else:
        host.write(
            config, f"listen: 192.0.2.1:{port}\nledger: {{path: /opt/evidenced/shop/STATE.md}}\n"
        )
    host.systemctl("start", unit, check=False)
    shown = host.show(unit)
    assert shown["ActiveEnterTimestamp"] == ""
    assert shown["ExecMainStatus"] == "2"
    # It tries again, and again: what is missing may come.
    assert (shown["SubState"], shown["Result"]) == ("auto-restart", "exit-code")


def test_without_its_store_it_looks_but_is_not_ready(host: Host, unit: str) -> None:
    place = f"/srv/{name_of(unit)}"
    host.drop_in(unit, "store", f"[Service]\nReadWritePaths={place}\n")
    host.box.run("install", "-d", "-o", "evidenced", "-m", "0500", place)
    port = host.configure(name_of(unit), HOSTNAME, f"store: {{url: 'sqlite:///{place}/kept.db'}}")
    host.systemctl("start", "--no-block", unit)
    host.wait("it waits", lambda: "waiting for the store" in host.show(unit)["StatusText"])
    host.wait("it looks", lambda: re.search(r"probe_success\{.*} 1", fetch(port)))
    assert host.show(unit)["ActiveState"] == "activating"
    host.box.run("chmod", "0700", place)
    host.wait("it is ready", lambda: host.show(unit)["ActiveState"] == "active")


@pytest.mark.parametrize("signal", ["USR1", "USR2"], ids=["the-loop", "the-schedule"])
def test_what_is_stuck_is_started_anew(host: Host, unit: str, signal: str) -> None:
    name = name_of(unit)
    run = f"/usr/local/bin/evidenced-stuck run --config /etc/evidenced/{name}.yaml"
    # Nothing but the watchdog starts it anew, so what does is the watchdog.
    text = f"[Service]\nExecStart=\nExecStart={run}\nWatchdogSec=3s\nRestartSec=100ms\n"
    host.drop_in(unit, "stuck", text + "Restart=on-watchdog\n")
    port = host.configure(name, HOSTNAME)
    host.systemctl("start", unit)
    assert host.show(unit)["NRestarts"] == "0"
    main = host.show(unit)["MainPID"]
    host.box.run("sh", "-c", f"kill -{signal} {main}")
    host.wait("it is started anew", lambda: host.show(unit)["NRestarts"] != "0")
    host.wait("it is ready again", lambda: host.show(unit)["ActiveState"] == "active")
    assert host.show(unit)["MainPID"] != main
    assert "evidenced_build_info" in fetch(port)


def test_no_scrape_is_lost_in_a_restart(host: Host) -> None:
    port = free_port()
    host.drop_in(
        "evidenced.socket", "port", f"[Socket]\nListenStream=\nListenStream=127.0.0.1:{port}\n"
    )
    # What the configuration says is not used, as the socket stands for it.
    other = host.configure("evidenced", HOSTNAME)
    host.systemctl("start", "evidenced.socket")
    seen: Counter[str] = Counter()
    over = threading.Event()

    def scrape() -> None:
        while not over.is_set():
            try:
                seen["held" if "evidenced_build_info" in fetch(port) else "wrong"] += 1
            except OSError as error:
                seen[repr(error)] += 1

    def more_than(number: int) -> bool:
        return seen["held"] > number

    scrapers = [threading.Thread(target=scrape) for _ in range(2)]
    for one in scrapers:
        one.start()
    try:
        # The first scrape starts the daemon.
        host.wait("it is scraped", lambda: seen["held"] > 10)
        for _ in range(2):
            before = seen["held"]
            host.systemctl("restart", "evidenced.service")
            host.wait("it is scraped again", partial(more_than, before + 10))
        with pytest.raises(OSError, match="refused"):
            fetch(other)
    finally:
        over.set()
        for one in scrapers:
            one.join()
        host.systemctl("stop", "evidenced.socket", "evidenced.service")
    assert set(seen) == {"held"}


def test_the_report_of_the_morning_is_made_up_for(host: Host) -> None:
    path = "/var/lib/evidenced/PROD-FACTS-LAST.md"
    host.configure("evidenced", HOSTNAME, f"report: {{path: {path}}}")
    host.write("/var/lib/systemd/timers/stamp-evidenced-report.timer", "")
    host.box.run(
        "touch", "-d", "2 days ago", "/var/lib/systemd/timers/stamp-evidenced-report.timer"
    )
    host.systemctl("start", "evidenced-report.timer")
    host.wait("the report", (host.box.root / path.lstrip("/")).exists)
    host.wait(
        "its end", lambda: host.show("evidenced-report.service")["ActiveState"] != "activating"
    )
    assert host.show("evidenced-report.service")["ExecMainStatus"] == "0"
    following = host.show("evidenced-report.timer")["NextElapseUSecRealtime"]
    assert re.search(r" 07:00:00 UTC$", following), following
    host.systemctl("stop", "evidenced-report.timer")
