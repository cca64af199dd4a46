"""What attempts learn of connections, certificates, WebSockets and gRPC, and how it is named."""

CONNECTED = ("http", "tcp", "tls", "websocket", "grpc")
"""The kinds that connect over IP, and may do so with TLS."""

CERTIFIED = (*CONNECTED, "unix")
"""The kinds that may see a certificate, and what `certificate_facts` tells of it."""

STREAM_FACTS: tuple[tuple[tuple[str, ...], str, str, str, str], ...] = (
    (
        CERTIFIED,
        "cert_chain_expiry",
        "probe_ssl_last_chain_expiry_timestamp_seconds",
        "When the first of the certificates that the trust rests on expires, in Unix time.",
        "seconds",
    ),
    (
        ("websocket",),
        "status_code",
        "probe_websocket_status_code",
        "Status code of the answer to the handshake.",
        "",
    ),
    (
        ("websocket",),
        "upgraded",
        "probe_websocket_connection_upgraded",
        "Whether the connection became a WebSocket.",
        "",
    ),
    (
        ("grpc",),
        "grpc_status_code",
        "probe_grpc_status_code",
        "gRPC's status code of the answer: 0 is OK.",
        "",
    ),
    (("grpc",), "ssl", "probe_grpc_ssl", "Whether the answer came over TLS.", ""),
)
"""For each: the kinds, the fact, the metric's name, its help and its unit."""

STREAM_PHASES: tuple[tuple[str, str, str], ...] = (
    (
        "websocket",
        "probe_websocket_duration_seconds",
        (
            "How long each phase of the last attempt took: resolve, connect, tls, processing (the "
            "handshake and the dialogue)."
        ),
    ),
    (
        "grpc",
        "probe_grpc_duration_seconds",
        (
            "How long each phase of the last attempt took: resolve, connect, tls, processing (the "
            "question)."
        ),
    ),
)
"""For each: the kind, the metric's name and its help."""

STREAM_TEXTS: tuple[tuple[tuple[str, ...], str, str, dict[str, str]], ...] = (
    (
        CERTIFIED,
        "probe_tls_version_info",
        "The version of TLS that was agreed on.",
        {"version": "tls_version"},
    ),
    (
        CERTIFIED,
        "probe_tls_cipher_info",
        "The cipher that was agreed on.",
        {"cipher": "tls_cipher"},
    ),
    (
        CERTIFIED,
        "probe_ssl_last_chain_info",
        "The certificate of the other end, trusted or not.",
        {
            "fingerprint_sha256": "cert_fingerprint",
            "subject": "cert_subject",
            "issuer": "cert_issuer",
            "subjectalternative": "cert_names",
            "serialnumber": "cert_serial",
        },
    ),
    (
        ("grpc",),
        "probe_grpc_healthcheck_response",
        "What the service says of itself, as in gRPC's health protocol.",
        {"serving_status": "serving_status"},
    ),
)
"""For each: the kinds, the metric's name, its help, and the fact for each of its labels."""
