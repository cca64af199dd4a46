"""The metrics of one look: their names and meanings, and a store for their values."""

from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType

from prometheus_client import CollectorRegistry
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from evidenced.publish.metrics_family import encodable

MEANINGS: Mapping[str, str] = MappingProxyType(
    {
        "probe_success": "Whether the look found what the module asks for",
        "probe_duration_seconds": "Seconds that the look took",
        "probe_timeout_seconds": "Seconds that it was given",
        "probe_ip_protocol": "The version of IP: 4 or 6, 0 where no address was found",
        "probe_dns_lookup_time_seconds": "Seconds that the resolution of the target's name took",
        "probe_ip_addr_hash": "FNV-1a hash of the address, to notice when it changes",
        "probe_http_duration_seconds": "Seconds by phase, summed over redirects",
        "probe_http_content_length": "The answer's Content-Length, -1 where it has none",
        "probe_http_uncompressed_body_length": "Bytes of the body, decompressed, as far as read",
        "probe_http_redirects": "Redirects that were met",
        "probe_http_ssl": "Whether the last answer came over TLS",
        "probe_http_status_code": "The last answer's status, 0 where there was none",
        "probe_http_version": "The last answer's version of HTTP",
        "probe_http_last_modified_timestamp_seconds": "The answer's Last-Modified, in Unix time",
        "probe_failed_due_to_regex": "Whether a pattern made it fail",
        "probe_failed_due_to_cel": "Whether an expression in CEL made it fail",
        "probe_failed_due_to_bytes": "Whether other bytes came than those expected",
        "probe_expect_info": "What was heard, in labels of the module",
        "probe_ssl_earliest_cert_expiry": "When the first certificate shown expires, in Unix time",
        "probe_ssl_last_chain_expiry_timestamp_seconds": "When the trusted chain expires, in Unix "
        "time",
        "probe_ssl_last_chain_info": "The certificate that was shown",
        "probe_tls_version_info": "The version of TLS",
        "probe_tls_cipher_info": "The cipher suite of TLS",
        "probe_dns_duration_seconds": "Seconds by phase",
        "probe_dns_answer_rrs": "Records in the section of answers",
        "probe_dns_authority_rrs": "Records in the section of authorities",
        "probe_dns_additional_rrs": "Records in the additional section",
        "probe_dns_query_succeeded": "Whether an answer came at all",
        "probe_dns_serial": "The serial of the zone, of its SOA record",
        "probe_icmp_duration_seconds": "Seconds by phase",
        "probe_icmp_reply_hop_limit": "The hops that the reply had left",
        "probe_grpc_duration_seconds": "Seconds by phase",
        "probe_grpc_ssl": "Whether TLS was spoken",
        "probe_grpc_status_code": "The status of the call",
        "probe_grpc_healthcheck_response": "What the health check said",
        "probe_websocket_status_code": "The status of the answer to the upgrade",
        "probe_websocket_connection_upgraded": "Whether the upgrade was granted",
        "probe_websocket_failed_due_to_regex": "Whether a pattern made it fail",
        "probe_websocket_duration_seconds": "Seconds by phase",
    }
)

Labels = tuple[tuple[str, str], ...]


class Findings(Collector):
    """The values that one look has found so far, in a registry of its own."""

    def __init__(self) -> None:
        self._values: dict[str, dict[Labels, float]] = {}
        self.registry = CollectorRegistry()
        self.registry.register(self)

    def set(self, name: str, value: float = 0.0, /, **labels: str) -> None:
        """Set the value of a metric, one of MEANINGS."""
        self._values.setdefault(name, {})[tuple(labels.items())] = float(value)

    def zero(self, name: str, label: str, values: Iterable[str]) -> None:
        """Begin a metric at 0 for each value of a label."""
        for value in values:
            self.set(name, 0.0, **{label: value})

    def value(self, name: str, /, **labels: str) -> float:
        """The value of a metric, 0 where it has none."""
        return self._values.get(name, {}).get(tuple(labels.items()), 0.0)

    def describe(self) -> Iterable[Metric]:
        """Nothing before there is something."""
        return ()

    def collect(self) -> Iterator[Metric]:
        """The metrics, in the order of their names."""
        for name in sorted(self._values):
            metric = Metric(name, MEANINGS[name], "gauge")
            for labels, value in sorted(self._values[name].items()):
                texts = {key: encodable(text) for key, text in labels}
                metric.add_sample(name, texts, value)
            yield metric
