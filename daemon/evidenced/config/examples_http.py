"""Examples of the sections of `http`, of the same invented bakery."""

from collections.abc import Mapping
from types import MappingProxyType

HTTP_EXAMPLES: Mapping[str, str] = MappingProxyType(
    {
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
        "HttpStep": """
checks:
  - name: order-page
    http:
      steps:
        - name: login
          url: /api/login
          method: POST
          headers: {Content-Type: application/json}
          body: '{"user": "monitor", "password": "${STOCK_PASSWORD:-}"}'
          keep: {token: {json: $.token}}
        - name: order
          url: /api/orders/17
          headers: {Authorization: "Bearer {{token}}"}
          expect: {json: {$.state: baked}}
""",
        "Keep": """
checks:
  - name: basket
    http:
      steps:
        - name: form
          url: /basket
          keep:
            csrf: {matches: 'name="csrf" value="([^"]+)"'}
            next: {header: Location}
        - {name: next, url: "{{next}}"}
""",
        "HttpBodyExpect": """
checks:
  - name: price-list
    http:
      url: /prices.txt
      expect: {body: {contains: Rye, size: {min: 1KiB, max: 1MiB}}}
""",
        "HtmlExpect": """
checks:
  - name: bread-on-the-shelf
    http:
      url: /bread
      expect:
        html:
          "[data-testid=product-card]": {min: 1}
          ".skeleton": {max: 0}
          main h1: {text: {contains: Bread}}
""",
        "HeaderComparison": """
checks:
  - name: cache
    http:
      url: /style.css
      expect:
        header:
          Cache-Control: {contains: max-age, not_contains: no-store}
          X-Debug: {eq: "off", allow_missing: true}
""",
        "RedirectsExpect": """
checks:
  - name: old-address
    http:
      url: http://old.bakery.example/bread
      expect: {redirects: {max: 2, final: https://bakery.example/bread}}
""",
        "Hop": """
checks:
  - name: to-https
    http:
      url: http://bakery.example/
      expect:
        redirects:
          chain: [{status: 308, location: https://bakery.example/}, /en/]
""",
    }
)
