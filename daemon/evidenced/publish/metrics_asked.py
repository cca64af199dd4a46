"""What attempts learn by asking name servers, hosts, databases and forges, and how it is named."""

ASKED_FACTS: tuple[tuple[tuple[str, ...], str, str, str, str], ...] = (
    (
        ("dns",),
        "query_succeeded",
        "probe_dns_query_succeeded",
        "Whether the name server answered at all, whatever it said.",
        "",
    ),
    (("dns",), "answer_rrs", "probe_dns_answer_rrs", "Records in the answer section.", ""),
    (("dns",), "authority_rrs", "probe_dns_authority_rrs", "Records in the authority section.", ""),
    (
        ("dns",),
        "additional_rrs",
        "probe_dns_additional_rrs",
        "Records in the additional section.",
        "",
    ),
    (("dns",), "serial", "probe_dns_serial", "Serial of the SOA record in the answer.", ""),
    (
        ("icmp",),
        "hop_limit",
        "probe_icmp_reply_hop_limit",
        "Hop limit (TTL) that the last echo reply came with.",
        "",
    ),
    (("icmp",), "sent", "probe_icmp_echoes_sent", "Echo requests that were sent.", ""),
    (("icmp",), "received", "probe_icmp_replies_received", "Echo replies that came in time.", ""),
    (
        ("prometheus",),
        "value",
        "probe_prometheus_value",
        "Value of the query, where it gives one sample.",
        "",
    ),
    (("prometheus",), "samples", "probe_prometheus_samples", "Samples that the query gives.", ""),
    (
        ("sql",),
        "value",
        "probe_sql_value",
        "First column of the query's first row, where that is a number.",
        "",
    ),
    (("sql",), "rows", "probe_sql_rows", "Rows that the query gives, where they are counted.", ""),
    (
        ("forge",),
        "asked",
        "probe_forge_asked",
        "Whether the forge was asked: it is not where a pull request is known to be merged.",
        "",
    ),
    (
        ("forge",),
        "merged_at",
        "probe_forge_merged_timestamp_seconds",
        "When the pull request was merged, in Unix time.",
        "seconds",
    ),
    (
        ("forge",),
        "ended_at",
        "probe_forge_run_ended_timestamp_seconds",
        "When the newest finished run of the workflow ended, in Unix time.",
        "seconds",
    ),
)
"""For each: the kinds, the fact, the metric's name, its help and its unit."""

ASKED_PHASES: tuple[tuple[str, str, str], ...] = (
    (
        "dns",
        "probe_dns_duration_seconds",
        (
            "How long each phase of the last attempt took: resolve (the server's name), connect, "
            "request."
        ),
    ),
    (
        "icmp",
        "probe_icmp_duration_seconds",
        (
            "How long each phase of the last attempt took: resolve, setup (of the socket), rtt "
            "(the average round trip)."
        ),
    ),
)
"""For each: the kind, the metric's name and its help."""
