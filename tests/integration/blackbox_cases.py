"""What the two look at: modules and targets, and where they are meant to differ."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Case:
    """One look: a module, a target with `{server}` for ports, what is intended to differ."""

    name: str
    target: str
    module: dict[str, Any]
    differs: str = ""
    metrics: tuple[str, ...] = ()
    """Metrics that differ by that difference."""
    query: str = ""


def http(
    name: str,
    target: str,
    *,
    differs: str = "",
    metrics: tuple[str, ...] = (),
    query: str = "",
    **keys: object,
) -> Case:
    module = {"prober": "http", "timeout": "3s", "http": keys}
    return Case(f"http {name}", target, module, differs, metrics, query)


def tcp(
    name: str,
    target: str,
    *turns: dict[str, object],
    timeout: str = "2s",
    query: str = "",
    **keys: object,
) -> Case:
    module = {"prober": "tcp", "timeout": timeout, "tcp": {"query_response": [*turns], **keys}}
    return Case(f"tcp {name}", target, module, query=query)


def dns(
    name: str,
    query_name: str,
    query_type: str = "A",
    target: str = "127.0.0.1:{dns}",
    answers: dict[str, list[str]] | None = None,
    **keys: object,
) -> Case:
    asked = {"query_name": query_name, "query_type": query_type, **keys}
    if answers:
        asked["validate_answer_rrs"] = answers
    return Case(f"dns {name}", target, {"prober": "dns", "timeout": "2s", "dns": asked})


def grpc(name: str, target: str, **keys: object) -> Case:
    asked = {"preferred_ip_protocol": "ip4", **keys}
    module = {"prober": "grpc", "timeout": "2s", "grpc": asked}
    return Case(
        f"grpc {name}", target, module, "gRPC without TLS", ("probe_ssl_earliest_cert_expiry",)
    )


def icmp(name: str, target: str, **keys: object) -> Case:
    return Case(f"icmp {name}", target, {"prober": "icmp", "timeout": "2s", "icmp": keys})


H, S = "http://127.0.0.1:{http}", "https://127.0.0.1:{https}"
CA = {"ca_file": "ca.pem"}
ANY = {"insecure_skip_verify": True}

CASES = (
    http("plain", H + "/ok"),
    http("without a scheme", "127.0.0.1:{http}/ok"),
    http("by name", "http://localhost:{http}/need-localhost", preferred_ip_protocol="ip4"),
    http("over IPv6", "http://[::1]:{http6}/ok"),
    http("falls back to IPv4", "http://127.0.0.1:{http}/ok", preferred_ip_protocol="ip6"),
    http(
        "no fallback",
        "http://127.0.0.1:{http}/ok",
        preferred_ip_protocol="ip6",
        ip_protocol_fallback=False,
    ),
    http("query kept", H + "/need-query?a=%20b&c=%2F"),
    http("empty", H + "/empty"),
    http("large", H + "/large"),
    *(http(status, f"{H}/{status}") for status in ("204", "299", "300", "304", "404", "500")),
    http("404 wanted", H + "/404", valid_status_codes=[200, 404]),
    http("200 not wanted", H + "/ok", valid_status_codes=[404]),
    http("HEAD", H + "/ok", method="HEAD"),
    http("chunked", H + "/chunked"),
    http("until closed", H + "/unlimited"),
    http("too short", H + "/short"),
    http("HTTP/1.0", H + "/http10"),
    http("version wanted", H + "/ok", valid_http_versions=["HTTP/1.1", "HTTP/2.0"]),
    http("version not wanted", H + "/ok", valid_http_versions=["HTTP/2.0"]),
    http("last modified", H + "/modified"),
    http("last modified badly", H + "/modified-badly"),
    http("redirect", H + "/302"),
    http("two redirects", H + "/twice"),
    http("redirect not followed", H + "/302", follow_redirects=False),
    http("redirect wanted", H + "/302", follow_redirects=False, valid_status_codes=[302]),
    http("old word for not following", H + "/302", no_follow_redirects=True),
    http("redirect loop", H + "/loop"),
    http("redirect without an address", H + "/nowhere"),
    http("redirect to ftp", H + "/to-ftp"),
    http("redirect to nobody", H + "/to-nobody"),
    http("cookie set by a redirect", H + "/set-cookie"),
    http("POST", H + "/posted", method="POST", body="flour=1kg"),
    http("POST over 307", H + "/307", method="POST", body="flour=1kg"),
    http("basic auth", H + "/need-basic", basic_auth={"username": "baker", "password": "yeast"}),
    http("basic auth in the address", "http://baker:yeast@127.0.0.1:{http}/need-basic"),
    http("bearer token", H + "/need-bearer", bearer_token="sourdough"),
    http("authorization", H + "/need-bearer", authorization={"credentials": "sourdough"}),
    http("no credentials", H + "/need-bearer"),
    http("own agent", H + "/need-agent", headers={"user-agent": "oven/1"}),
    http("own host", H + "/need-host", headers={"Host": "shop.example"}),
    http("hostname", H + "/need-host", query="&hostname=shop.example"),
    http("body matches", H + "/ok", fail_if_body_matches_regexp=["nothing", "[0-9]+ loaves"]),
    http("body must match", H + "/ok", fail_if_body_not_matches_regexp=["^hello", "bakery"]),
    http("body does not match", H + "/ok", fail_if_body_not_matches_regexp=["hello", "cake"]),
    http("body is not UTF-8", H + "/not-utf8", fail_if_body_not_matches_regexp=["caf.? ouvert"]),
    http(
        "header matches",
        H + "/headers",
        fail_if_header_matches=[{"header": "x-tag", "regexp": "blue"}],
    ),
    http(
        "header must match",
        H + "/headers",
        fail_if_header_not_matches=[{"header": "X-Tag", "regexp": "^blue$"}],
    ),
    http(
        "empty header",
        H + "/headers",
        fail_if_header_not_matches=[{"header": "X-Empty", "regexp": ".*"}],
    ),
    http(
        "header missing",
        H + "/headers",
        fail_if_header_not_matches=[{"header": "X-None", "regexp": ".*"}],
    ),
    http(
        "header may be missing",
        H + "/headers",
        fail_if_header_not_matches=[{"header": "X-None", "regexp": "x", "allow_missing": True}],
    ),
    http("unread gzip", H + "/gzip"),
    http("gzip", H + "/gzip", compression="gzip"),
    http("gzip accepted", H + "/gzip", compression="gzip", headers={"Accept-Encoding": "br, gzip"}),
    http("two gzips", H + "/two-gzips", compression="gzip"),
    http(
        "cut gzip",
        H + "/cut-gzip",
        differs="cut bodies",
        metrics=("probe_http_uncompressed_body_length",),
        compression="gzip",
    ),
    http(
        "gzip searched",
        H + "/gzip",
        compression="gzip",
        fail_if_body_not_matches_regexp=["all work"],
    ),
    http("deflate", H + "/deflate", compression="deflate"),
    http("br", H + "/br", compression="br"),
    http("identity", H + "/ok", compression="identity"),
    http("no gzip", H + "/ok", compression="gzip"),
    http("size limit", H + "/large", body_size_limit="8000B"),
    http("within the limit", H + "/large", body_size_limit="9KB"),
    http("gzip bomb", H + "/bomb", compression="gzip", body_size_limit="1MB"),
    http("must have TLS", H + "/ok", fail_if_not_ssl=True),
    http("TLS forbidden", S + "/ok", fail_if_ssl=True, tls_config=CA),
    http("TLS", S + "/ok", tls_config=CA),
    http("TLS by name", "https://localhost:{https}/ok", tls_config=CA, preferred_ip_protocol="ip4"),
    http("TLS 1.2", "https://127.0.0.1:{https_old}/ok", tls_config=CA),
    http(
        "TLS 1.3 wanted",
        "https://127.0.0.1:{https_old}/ok",
        tls_config={**CA, "min_version": "TLS13"},
    ),
    http("TLS 1.2 at most", S + "/ok", tls_config={**CA, "max_version": "TLS12"}),
    http("TLS unknown authority", S + "/ok"),
    http("TLS not verified", "https://127.0.0.1:{https_alone}/ok", tls_config=ANY),
    http("TLS expired", "https://127.0.0.1:{https_expired}/ok", tls_config=CA),
    http("TLS expired but taken", "https://127.0.0.1:{https_expired}/ok", tls_config=ANY),
    http("TLS other name", "https://127.0.0.1:{https_other}/ok", tls_config=CA),
    http(
        "TLS server name",
        "https://127.0.0.1:{https_other}/ok",
        tls_config={**CA, "server_name": "other.example"},
    ),
    http(
        "TLS host header",
        "https://127.0.0.1:{https_other}/ok",
        tls_config=CA,
        headers={"Host": "other.example"},
    ),
    http("TLS root sent along", "https://127.0.0.1:{https_root}/ok", tls_config=CA),
    http("TLS with plain HTTP", "https://127.0.0.1:{http}/ok", tls_config=CA),
    http("plain HTTP with TLS", "http://127.0.0.1:{https}/ok"),
    http("nobody there", "http://127.0.0.1:1/ok"),
    http("name not found", "http://nowhere.invalid/ok"),
    http("other scheme", "ftp://127.0.0.1:{http}/ok"),
    http("reset in the body", H + "/reset"),
    http("hanging", H + "/hang"),
    http("dripping", H + "/drip"),
    http("garbage", H + "/garbage"),
    http("HTTP/0.9", H + "/http09"),
    http("no answer", H + "/nothing"),
    http(
        "bad chunks",
        H + "/bad-chunks",
        differs="broken chunks",
        metrics=("probe_http_content_length", "probe_http_status_code", "probe_http_version"),
    ),
    tcp("connects", "127.0.0.1:{banner}"),
    tcp("nobody there", "127.0.0.1:1"),
    tcp("no port", "127.0.0.1"),
    tcp("name not found", "nowhere.invalid:80"),
    tcp("banner", "127.0.0.1:{banner}", {"expect": "^SSH-2.0-"}, {"send": "SSH-2.0-probe"}),
    tcp("other banner", "127.0.0.1:{closing}", {"expect": "^SSH-2.0-"}),
    tcp("line without an end", "127.0.0.1:{closing}", {"expect": "and gone$"}),
    tcp(
        "captures",
        "127.0.0.1:{irc}",
        {"send": "NICK prober"},
        {"send": "USER prober prober prober :prober"},
        {"expect": "PING :([^ ]+)", "send": "PONG ${1}"},
        {"expect": "^:[^ ]+ 001"},
    ),
    tcp("lines skipped", "127.0.0.1:{lines}", {"expect": "^the end$"}),
    tcp("lines exhausted", "127.0.0.1:{closing}", {"expect": "never"}),
    tcp("silent", "127.0.0.1:{silent}", {"expect": "never"}),
    tcp("endless line", "127.0.0.1:{endless}", {"expect": "never"}),
    tcp("TLS", "127.0.0.1:{banner_tls}", {"expect": "^SSH"}, tls=True, tls_config=CA),
    tcp("TLS other name", "127.0.0.1:{https_other}", tls=True, tls_config=CA),
    tcp("TLS unknown authority", "127.0.0.1:{banner_tls}", tls=True),
    tcp("TLS expired but taken", "127.0.0.1:{https_expired}", tls=True, tls_config=ANY),
    tcp(
        "STARTTLS",
        "127.0.0.1:{smtp}",
        {"expect": "^220"},
        {"send": "EHLO prober\r"},
        {"expect": "^250 STARTTLS"},
        {"send": "STARTTLS"},
        {"expect": "^220"},
        {"starttls": True},
        {"send": "EHLO again"},
        {"expect": "^250 AUTH"},
        tls_config=CA,
    ),
    tcp(
        "STARTTLS refused",
        "127.0.0.1:{smtp_refusing}",
        {"expect": "^220"},
        {"send": "EHLO prober\r"},
        {"expect": "^250 STARTTLS"},
        {"send": "STARTTLS"},
        {"expect": "^220"},
        {"starttls": True},
        tls_config=CA,
    ),
    dns("A", "www.bakery.test"),
    dns("three answers", "many.bakery.test"),
    dns("AAAA", "www.bakery.test", "AAAA"),
    dns("over TCP", "www.bakery.test", transport_protocol="tcp"),
    dns(
        "over TLS",
        "www.bakery.test",
        target="127.0.0.1:{dns_tls}",
        transport_protocol="tcp",
        dns_over_tls=True,
        tls_config=CA,
    ),
    dns(
        "over TLS unverified",
        "www.bakery.test",
        target="127.0.0.1:{dns_tls}",
        transport_protocol="tcp",
        dns_over_tls=True,
    ),
    dns("serial", "bakery.test", "SOA"),
    dns("chaos", "version.bind", "TXT", query_class="CH"),
    dns("not found", "none.bakery.test"),
    dns("not found wanted", "none.bakery.test", valid_rcodes=["NXDOMAIN"]),
    dns("server failure", "fail.test"),
    dns("server failure wanted", "fail.test", valid_rcodes=["SERVFAIL", "NOERROR"]),
    dns("refused without recursion", "recursive.test", recursion_desired=False),
    dns("silent", "silent.test"),
    dns("garbage", "garbage.test"),
    dns("answer to another question", "other.test"),
    dns("nobody there", "www.bakery.test", target="127.0.0.1:1"),
    dns("nobody there over TCP", "www.bakery.test", target="127.0.0.1:1", transport_protocol="tcp"),
    dns(
        "answer as text",
        "bakery.test",
        "MX",
        answers={
            "fail_if_not_matches_regexp": [
                "^bakery\\.test\\.\t60\tIN\tMX\t[12]0 mx[12]\\.bakery\\.test\\.$"
            ]
        },
    ),
    dns(
        "text as text",
        "bakery.test",
        "TXT",
        answers={"fail_if_not_matches_regexp": ['\tTXT\t"v=spf1 -all" "second; part"$']},
    ),
    dns("an answer matches", "bakery.test", "MX", answers={"fail_if_matches_regexp": ["mx2"]}),
    dns("not all match", "bakery.test", "MX", answers={"fail_if_all_match_regexp": ["mx2"]}),
    dns("all match", "bakery.test", "MX", answers={"fail_if_all_match_regexp": ["mx"]}),
    dns("one does not match", "bakery.test", "MX", answers={"fail_if_not_matches_regexp": ["mx2"]}),
    dns("none matches", "bakery.test", "MX", answers={"fail_if_none_matches_regexp": ["mx9"]}),
    dns(
        "one of them matches", "bakery.test", "MX", answers={"fail_if_none_matches_regexp": ["mx1"]}
    ),
    dns(
        "nothing to match",
        "none.bakery.test",
        valid_rcodes=["NXDOMAIN"],
        answers={"fail_if_not_matches_regexp": ["x"]},
    ),
    dns(
        "nothing matches nothing",
        "none.bakery.test",
        valid_rcodes=["NXDOMAIN"],
        answers={"fail_if_matches_regexp": ["x"]},
    ),
    dns("authority", "www.bakery.test", validate_authority_rrs={"fail_if_matches_regexp": ["NS"]}),
    dns(
        "additional",
        "www.bakery.test",
        validate_additional_rrs={"fail_if_not_matches_regexp": ["192.0.2.53"]},
    ),
    grpc("serving", "127.0.0.1:{grpc}"),
    grpc("not serving", "127.0.0.1:{grpc}", service="oven"),
    grpc("unknown service", "127.0.0.1:{grpc}", service="cellar"),
    grpc("nobody there", "127.0.0.1:1"),
    icmp("loopback", "127.0.0.1"),
    icmp("loopback of IPv6", "::1"),
    icmp("with payload", "127.0.0.1", payload_size=120, ttl=9),
    icmp("name not found", "nowhere.invalid"),
)


def module_name(case: Case) -> str:
    return case.name.replace(" ", "_")
