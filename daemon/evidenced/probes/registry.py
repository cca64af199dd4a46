"""Which kinds there are: a line each."""

from collections.abc import Mapping
from types import MappingProxyType

from evidenced.probes import (
    command,
    dns,
    file,
    forge,
    grpc,
    http,
    icmp,
    port,
    process,
    prometheus,
    push,
    sql,
    systemd,
    tcp,
    tls,
    unix,
    websocket,
)
from evidenced.probes.kind import Kind

KINDS: Mapping[str, Kind] = MappingProxyType(
    {
        kind.name: kind
        for kind in (
            Kind("http", http.probe),
            Kind("push", push.probe),
            Kind("tcp", tcp.probe),
            Kind("tls", tls.probe),
            Kind("unix", unix.probe),
            Kind("websocket", websocket.probe),
            Kind("grpc", grpc.probe),
            Kind("file", file.probe),
            Kind("port", port.probe),
            Kind("process", process.probe),
            Kind("command", command.probe),
            Kind("systemd", systemd.probe),
            Kind("dns", dns.probe),
            Kind("icmp", icmp.probe),
            Kind("prometheus", prometheus.probe),
            Kind("sql", sql.probe),
            Kind("forge", forge.probe),
        )
    }
)
