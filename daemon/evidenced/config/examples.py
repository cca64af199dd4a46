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
concurrency: 50
""",
        "LedgerSettings": """
ledger:
  path: ../docs/STATE.md
  repository: ..
  base_url: https://bakery.example
  derive: true
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
        "HeartbeatSettings": """
heartbeat:
  url_file: ${CREDENTIALS_DIRECTORY}/heartbeat-address
  every: 1m
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
