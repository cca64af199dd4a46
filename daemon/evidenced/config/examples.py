"""Examples of the sections, from the top of the file, of an invented bakery.

Each is part of a configuration that loads once `ledger` is there: a test holds them to it.
"""

from collections.abc import Mapping
from types import MappingProxyType

from evidenced.config.examples_host import HOST_EXAMPLES
from evidenced.config.examples_http import HTTP_EXAMPLES
from evidenced.config.examples_network import NETWORK_EXAMPLES

EXAMPLES: Mapping[str, str] = MappingProxyType(
    {
        "Config": """
location: oven-1
listen: 127.0.0.1:9321
external_url: https://evidence.bakery.example
concurrency: 50
""",
        "ShardSettings": """
listen: 127.0.0.1:932${SHARD:-0}
shard:
  index: ${SHARD:-0}
  count: 4
store:
  url: sqlite:////var/lib/evidenced/shared/evidence.db
""",
        "LedgerSettings": """
ledger:
  path: ../docs/STATE.md
  repository: ..
  base_url: https://bakery.example
  derive: true
  lint: {unknown-section: off, closed-without-evidence: error}
""",
        "LedgerLimits": """
ledger:
  path: ../docs/STATE.md
  limits: {in_progress: 2, next: 5, lines: 300, size: 64KiB}
""",
        "Defaults": """
defaults:
  interval: 30s
  timeout: 5s
  max_age: 10m
""",
        "Retry": """
defaults:
  retry: {attempts: 2, wait: 500ms, on: [connect, 502, 503]}
""",
        "Confirm": """
defaults:
  confirm: {failures: 3, successes: 2}
""",
        "CheckSettings": """
checks:
  - name: oven-status
    claims: [ovens-report, ovens-are-hot]
    interval: 5m
    retry: {attempts: 1}        # the other keys of retry stay as in defaults
    labels: {team: kitchen}
    http: {url: /api/ovens}
""",
        "BodyExpect": """
checks:
  - name: front-page
    http:
      url: /
      expect:
        body:
          contains: [Sourdough, Rye]
          not_contains: 0 loaves
          words: true
""",
        "Comparison": """
checks:
  - name: queue
    http:
      url: /api/queue
      expect:
        json:
          $.state: idle                      # short for {eq: idle}
          $.waiting: {ge: 0, lt: 20}
          $.shift: {eq: [early, late]}
          $.error: {exists: false}
          $.note: {empty: true}
          $.version: {matches: "^[0-9]+[.]", not_contains: beta}
""",
        "CertificateExpect": """
checks:
  - name: certificate-is-renewed
    http:
      url: https://bakery.example/
      expect:
        certificate:
          valid_for: 14d
          issuer: {contains: "Let's Encrypt"}
          names: {contains: [bakery.example, www.bakery.example]}
""",
        "StoreSettings": """
store: {url: "sqlite:///bakery.db", keep: 90d, max_size: 2GB}
""",
        "ReportSettings": """
report:
  path: ../docs/PROD-FACTS-LAST.md
  schedule: 0 6 * * MON-FRI
  zone: Europe/Athens
  formats: [markdown, html]
""",
        "CommitSettings": """
report:
  path: ../docs/PROD-FACTS-LAST.md
  commit: {push: true, branch: main, author: "The bakery <ovens@bakery.example>"}
""",
        "HeartbeatSettings": """
heartbeat:
  url_file: ${CREDENTIALS_DIRECTORY}/heartbeat-address
  every: 1m
""",
        "AlertmanagerSettings": """
alertmanager:
  urls: [https://alerts-1.bakery.example, https://alerts-2.bakery.example]
  labels: {instance: "oven-1:9321", shop: corner}
  auth: {username: oven-1, password_file: "${CREDENTIALS_DIRECTORY}/stock-password"}
""",
        "TrackerSettings": """
tracker:
  forge: gitea
  base_url: https://git.bakery.example
  repository: bakery/operations
  token_file: ${CREDENTIALS_DIRECTORY}/stock-password
  labels: [evidenced, outage]
  assignees: [baker]
  sections: [stable]
""",
        "TrackerTemplate": """
tracker:
  repository: bakery/operations
  token_file: ${CREDENTIALS_DIRECTORY}/stock-password
  template:
    title: "[{{section}}] {{title}}"
    body: |
      {{facts}}

      What to do: https://wiki.bakery.example/outages
""",
        "WebSettings": """
web:
  config_file: ${CREDENTIALS_DIRECTORY}/web.yml    # as Prometheus reads it
  bearer_tokens:
    dashboard: {file: "${CREDENTIALS_DIRECTORY}/stock-token"}
  public: [health, status, badges]
""",
        "TlsServer": """
web:
  tls_server_config:
    cert_file: ${CREDENTIALS_DIRECTORY}/evidence.crt
    key_file: ${CREDENTIALS_DIRECTORY}/evidence.key
    client_ca_file: ${CREDENTIALS_DIRECTORY}/clients.crt
    client_auth_type: RequireAndVerifyClientCert
    min_version: TLS13
""",
        "HttpServer": """
web:
  basic_auth_users:
    baker: $2y$10$2qR0yhTj3fCJwG1TSSzPsOJLjuN.lnbPdSWmqyBvkjK7TEqEvLPVO
  http_server_config:
    headers: {Strict-Transport-Security: max-age=31536000}
""",
        "RateLimit": """
web:
  rate_limit: {interval: 100ms, burst: 50}
""",
        "SecretFile": """
checks:
  - name: flour
    http:
      url: https://mill.example/api/flour
      headers:
        X-Key: {file: "${CREDENTIALS_DIRECTORY}/stock-password"}
""",
        "TargetSettings": """
checks:
  - name: certificates
    targets:
      - bakery.example:443
      - {target: "till.bakery.example:443", labels: {team: till}}
    tls: {expect: {certificate: {valid_for: 14d}}}
""",
        "Discovery": """
checks:
  - name: tills
    discovery: {file: [tills/*.json, more-tills.yaml]}
    http: {expect: {status: 200}}
""",
        "HttpDiscovery": """
checks:
  - name: ovens
    discovery:
      http:
        - url: https://inventory.bakery.example/ovens
          refresh: 2m
          auth: {token_file: "${CREDENTIALS_DIRECTORY}/stock-password"}
    icmp: {}
""",
        "Flapping": """
defaults:
  flapping: {changes: 4, window: 30m}
""",
        "Vantage": """
vantage: {checks: [gateway, resolver, elsewhere], need: 2}
checks:
  - name: gateway
    tcp: {address: "192.0.2.1:53"}
  - name: resolver
    dns: {name: bakery.example, type: A}
  - name: elsewhere
    tcp: {address: "198.51.100.7:443"}
""",
        "MaintenanceWindow": """
maintenance:
  - claims: [till]
    cron: 0 3 * * SUN
    zone: Europe/Athens
    lasts: 2h
    why: the till's database is moved
""",
        "ProbeSettings": """
blackbox: blackbox.yml
probe: {allow: [10.0.0.0/8, "*.bakery.example"]}
""",
        "ClaimSettings": """
claims:
  ovens-are-hot:
    runbook_url: https://wiki.bakery.example/ovens
    slo: {objective: 99.5}
""",
        "Slo": """
checks:
  - name: front-page
    slo: {objective: 99.9, window: 28d, latency: 500ms}
    http: {url: /}
""",
        "RuleFile": """
rules:
  selector: job="evidenced", env="production"
  quorum: 2
  runbook_url: https://wiki.bakery.example/runbooks.html
  dashboard_url: https://grafana.bakery.example/d/evidenced
""",
        "CertificateRules": """
rules:
  certificate: {warning: 30d, critical: 7d}
""",
        "Tokens": """
tokens:
  admin_file: ${CREDENTIALS_DIRECTORY}/admin-token
  push_file: ${CREDENTIALS_DIRECTORY}/push-token
""",
        **HOST_EXAMPLES,
        **HTTP_EXAMPLES,
        **NETWORK_EXAMPLES,
    }
)
