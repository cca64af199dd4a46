"""Where `/probe` differs from blackbox_exporter on purpose: the table in docs/blackbox.md."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Difference:
    """One intended difference: what each of the two does, and why ours does otherwise."""

    name: str
    theirs: str
    ours: str
    why: str


NEWER = frozenset(
    {
        "probe_timeout_seconds",
        "probe_tls_cipher_info",
        "probe_failed_due_to_bytes",
        "probe_failed_due_to_cel",
        "probe_expect_info",
    }
)
"""Metrics that came after 0.23, the version that Debian 12 has."""

NEWER_LABELS = frozenset({"serialnumber"})
"""Labels that came after 0.23."""

DIFFERENCES = (
    Difference(
        "allow list",
        "looks at any target",
        "answers 403 for a target that neither `probe.allow` nor a configured check names; a "
        "redirect to such a target is not followed; link-local addresses and those of cloud "
        "metadata services are never looked at",
        "whoever can reach `/probe` could otherwise reach whatever the daemon can",
    ),
    Difference(
        "one address",
        "resolves, then lets redirects and proxies resolve again",
        "connects only to the address that was checked, and gives a proxy that address",
        "a name that changes its address between two lookups would pass the allow list",
    ),
    Difference(
        "short scrape timeout",
        "a scrape timeout below the offset leaves no time at all",
        "the scrape timeout is then taken whole",
        "a look without any time always fails, and says nothing of the target",
    ),
    Difference(
        "deadline everywhere",
        "gRPC checks and WebSocket messages go on past the deadline",
        "the deadline covers everything",
        "a scrape must get its answer",
    ),
    Difference(
        "HTTP/2 and HTTP/3",
        "speaks HTTP/2 where the server does, and HTTP/3 where the module says so",
        "speaks HTTP/1.1; `enable_http2` and `enable_http3` are taken and change nothing, and a "
        "module that takes only those versions fails",
        "the probes of this daemon see phases and certificates of HTTP/1 only",
    ),
    Difference(
        "credentials and redirects",
        "sends credentials and most headers on to wherever a redirect leads",
        "sends to another origin no header that might be a credential, and no body",
        "a redirect must not be a way to collect passwords",
    ),
    Difference(
        "search limit",
        "reads and searches a body of any size",
        "searches at most 16 MiB of a body, evaluates CEL over at most 1 MiB, and fails beyond; "
        "reads at most 1 MiB of a dialogue",
        "a hostile target must not fill the memory",
    ),
    Difference(
        "header limit",
        "takes headers of up to 10 MB",
        "takes lines of up to 32 KiB",
        "a hostile target must not fill the memory",
    ),
    Difference(
        "strict TLS",
        "takes certificates whose extensions contradict each other where Go does",
        "takes what OpenSSL takes, and names its reason in the log",
        "another library decides; both verify names and dates",
    ),
    Difference(
        "CEL",
        "cel-go, which checks types when the module is read",
        "cel-python, which reads the expression with the module and finds wrong types when it is "
        "evaluated, as a failure",
        "another library; numbers compare across kinds as in cel-go",
    ),
    Difference(
        "configuration",
        "a bad file stops it, with the place in the words of its parser",
        "each mistake has a line with file, line and key; `*_file` are read when the file is",
        "so a mistake shows at once and not with the first probe",
    ),
    Difference(
        "debug text",
        "shows headers, bodies and what is sent in a dialogue, and queries of addresses",
        "shows `<secret>` for these, except for headers such as Accept and Host, and `?…` for "
        "queries; shows only what was written of a module",
        "credentials come under many names",
    ),
    Difference(
        "help texts",
        "has its own words in `# HELP`, and the caller of its own code in logs",
        "has other words",
        "Prometheus compares neither",
    ),
    Difference(
        "User-Agent",
        "`Blackbox Exporter/VERSION`",
        "`evidenced/VERSION`, unless the module names one",
        "logs should tell who it was",
    ),
    Difference(
        "other pages",
        "answers `/config`, `/logs` and `/` with a history of probes, counts "
        "`blackbox_module_unknown_total`, and exports its own reloads as `blackbox_exporter_…`",
        "has `debug=true` and the daemon's log; reloads are `evidenced_config_last_reload_…`",
        "the history would keep secrets of targets, and nothing scrapes it",
    ),
    Difference(
        "encoded targets",
        "0.23 decodes `target` as any query, later versions once more",
        "decodes it once more only where its host and port are still encoded",
        "so a path or query with `%` in it stays what it is",
    ),
    Difference(
        "cut bodies",
        "counts of a broken gzip body what Go had decompressed by then",
        "counts what zlib had",
        "another library; both fail",
    ),
    Difference(
        "broken chunks",
        "exports status and version of an answer whose first chunk is malformed",
        "exports them only where the head of the answer came by itself",
        "aiohttp reads head and body of one packet together; both fail",
    ),
    Difference(
        "gRPC without TLS",
        "0.23 exports `probe_ssl_earliest_cert_expiry` 0, and looks for IPv6 only unless told "
        "otherwise",
        "exports it only after a handshake, and falls back to IPv4, as later versions do",
        "an expiry in 1970 sets off alerts",
    ),
    Difference(
        "partial TLS",
        "exports no certificate after a handshake that failed",
        "the same on `/probe`; the checks of the configuration export it",
        "alerts on `probe_ssl_…` rely on its absence",
    ),
)


def table() -> str:
    """The differences as a table in Markdown."""
    rows = (f"| {d.name} | {d.theirs} | {d.ours} | {d.why} |" for d in DIFFERENCES)
    return "\n".join(
        ("| what | blackbox_exporter | evidenced | why |", "| --- | --- | --- | --- |", *rows)
    )
