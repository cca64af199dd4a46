"""Two instances of the unit that share the checks of one configuration."""

import json
import socket
from contextlib import closing, suppress

from ports import free_port
from systemd.hosting import PLACE, UNITS, Host, fetch

SHARDS = (0, 1)


def ports() -> int:
    """What the ports of all shards begin with, so that a digit more makes each of them."""
    while True:
        begin = free_port() // 10
        with suppress(OSError):
            for shard in SHARDS:
                with closing(socket.create_server(("127.0.0.1", 10 * begin + shard))):
                    pass
            return begin


def test_the_instances_share_the_checks_and_a_store(host: Host) -> None:
    begin = ports()
    checks = "".join(f"  - {{name: c{n}, file: {{path: /etc/hostname}}}}\n" for n in range(12))
    host.write(
        "/etc/evidenced/evidenced.yaml",
        f"listen: 127.0.0.1:{begin}${{SHARD}}\n"
        "shard:\n  index: ${SHARD}\n  count: 2\n"
        "store: {url: 'sqlite:////var/lib/evidenced/shared/evidence.db'}\n"
        f"ledger: {{path: {PLACE}/shop/STATE.md}}\n"
        f"defaults: {{interval: 1s, timeout: 800ms}}\nchecks:\n{checks}",
    )
    text = (UNITS / "drop-ins" / "shard.conf").read_text()
    units = [f"evidenced@{shard}.service" for shard in SHARDS]
    for unit in units:
        host.drop_in(unit, "shard", text)
    try:
        host.systemctl("start", *units)

        def looked_at() -> list[int]:
            return [fetch(10 * begin + shard).count("\nprobe_success{") for shard in SHARDS]

        host.wait("each check is looked at by one", lambda: sum(looked_at()) == 12)
        assert min(looked_at()) > 0
        last = 10 * begin + SHARDS[-1]
        wanted = [[f"127.0.0.1:{10 * begin + shard}"] for shard in SHARDS]

        def known() -> bool:
            found = json.loads(fetch(last, "/api/v1/targets"))
            return [one["targets"] for one in found] == wanted

        host.wait("each hears of the other", known)
    finally:
        host.systemctl("stop", *units)
        host.box.run("rm", "/etc/evidenced/evidenced.yaml")
