"""Examples of the sections, from the top of the file, of an invented bakery.

Each is part of a configuration that loads once `ledger` is there: a test holds them to it.
"""

from collections.abc import Mapping
from types import MappingProxyType

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
        "HttpSettings": """
checks:
  - name: order-is-refused-without-login
    http:
      url: /api/orders
      method: POST
      headers: {Content-Type: application/json}
      body: '{"loaves": 1}'
      expect: {status: 401}
""",
        "HttpAuth": """
checks:
  - name: stock
    http:
      url: /api/stock
      auth:
        username: monitor
        password_file: ${CREDENTIALS_DIRECTORY}/stock-password
""",
        "TlsSettings": """
checks:
  - name: till
    http:
      url: https://10.0.0.7/
      tls: {server_name: till.bakery.example}
""",
        "HttpExpect": """
checks:
  - name: login-redirects
    http: {url: /login, expect: {status: 307, location: /auth/login}}
  - name: bread-list
    http:
      url: /api/bread
      expect:
        status: [200, 203]
        json:
          $.open: true
          $.bread: {length: {ge: 1}}
          $.bread[0].name: {matches: "^[A-Z]"}
        header: {Content-Type: {contains: json}, Server: {exists: false}}
        latency: 800ms
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
        "Tokens": """
tokens:
  admin_file: ${CREDENTIALS_DIRECTORY}/admin-token
""",
    }
)
