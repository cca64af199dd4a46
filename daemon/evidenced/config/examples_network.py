"""Examples of the kinds that speak to a network address or ask a service, of the same bakery."""

from collections.abc import Mapping
from types import MappingProxyType

NETWORK_EXAMPLES: Mapping[str, str] = MappingProxyType(
    {
        "TcpSettings": """
checks:
  - name: till-port
    tcp: {address: "10.0.0.7:9100"}
  - name: mail-comes-in
    tcp:
      address: mail.bakery.example:25
      starttls: smtp
      dialogue:
        - send: "EHLO monitor.bakery.example\\r\\n"
        - expect: "^250[ -]AUTH"
          send: "QUIT\\r\\n"
      expect: {certificate: {valid_for: 14d}}
""",
        "StreamExpect": """
checks:
  - name: till-is-quick
    tcp:
      address: 10.0.0.7:443
      tls: true
      expect: {certificate: {valid_for: 7d}, latency: 300ms}
""",
        "Step": """
checks:
  - name: queue-answers
    tcp:
      address: 127.0.0.1:6379
      dialogue:
        - send: "PING\\r\\n"
        - expect: "^[+]PONG$"
  - name: printer-knows-its-name
    tcp:
      address: 10.0.0.9:9000
      dialogue:
        - {expect: '^hello from (\\w+)', send: "status of ${1}"}
        - {expect: "^ready"}
""",
        "TlsCheckSettings": """
checks:
  - name: till-certificate
    tls:
      address: 10.0.0.7:443
      server_name: till.bakery.example
      expect: {certificate: {valid_for: 3d}}
""",
        "UnixSettings": """
checks:
  - name: oven-daemon
    unix:
      path: /run/oven.sock
      dialogue: [{send: temperature, expect: "^[0-9]+ C$"}]
""",
        "WebSocketSettings": """
checks:
  - name: live-orders
    websocket:
      url: /live
      dialogue: [{send: hello}, {expect: '"type":"welcome"'}]
""",
        "Message": """
checks:
  - name: live-stock
    websocket:
      url: wss://bakery.example/stock
      dialogue:
        - {expect: '"session":"([a-z0-9]+)"', send: '{"subscribe": "${1}"}'}
        - {expect: '"loaves":[0-9]+'}
""",
        "GrpcSettings": """
checks:
  - name: recipes
    grpc: {address: "127.0.0.1:50051", service: bakery.Recipes}
""",
        "DnsSettings": """
checks:
  - name: till-has-its-address
    dns:
      name: till.bakery.example
      server: 192.0.2.53
      expect: {answers: {contains: 192.0.2.7}}
""",
        "DnsExpect": """
checks:
  - name: zone-is-whole
    dns:
      name: bakery.example
      type: SOA
      server: ns1.bakery.example
      transport: tcp
      recursion: false
      expect:
        rcode: NOERROR
        answers: {length: 1}
        authority: {not_matches: "(?i)ns[0-9]*[.]oldhost[.]example"}
        serial: {ge: 2026010100}
  - name: front-has-two-addresses
    dns: {name: bakery.example, expect: {answers: [192.0.2.1, 192.0.2.2]}}
""",
        "IcmpSettings": """
checks:
  - name: oven-controller
    icmp: {host: 10.0.0.12, count: 5}
""",
        "IcmpExpect": """
checks:
  - name: line-to-the-mill
    icmp: {host: mill.bakery.example, count: 10, expect: {loss: 10, rtt: 80ms}}
""",
        "PrometheusSettings": """
checks:
  - name: no-oven-is-cold
    prometheus:
      server: http://127.0.0.1:9090
      query: min(oven_temperature_celsius)
      expect: {value: {ge: 180}}
""",
        "PrometheusExpect": """
checks:
  - name: all-three-tills-are-up
    prometheus:
      server: http://127.0.0.1:9090
      query: up{job="till"}
      expect: {value: {eq: 1, length: 3}, latency: 2s}
""",
        "SqlSettings": """
checks:
  - name: orders-come-in
    sql:
      url: sqlite:///../var/orders.db
      query: select count(*) from orders where day = date('now')
      expect: {value: {gt: 0}}
""",
        "SqlExpect": """
checks:
  - name: no-order-is-stuck
    sql:
      url: sqlite:///../var/orders.db
      query: select id from orders where state = 'baking' and age > 3600
      expect: {rows: 0, latency: 2s}
""",
        "ForgeSettings": """
checks:
  - name: new-till-is-merged
    forge: {repository: bakery/till, pull_request: 1774}
  - name: nightly-on-our-own-forge
    forge:
      forge: forgejo
      base_url: https://git.bakery.example
      repository: bakery/till
      workflow: nightly.yml
      branch: main
""",
        "ForgeExpect": """
checks:
  - name: till-is-tested-daily
    forge:
      repository: bakery/till
      workflow: ci.yml
      branch: main
      expect: {conclusion: [success, skipped], max_age: 26h}
""",
        "PushSettings": """
checks:
  - name: nightly-backup
    push:
      cron: 30 3 * * *
      time_zone: Europe/Athens
      grace: 1h
      token_file: ${CREDENTIALS_DIRECTORY}/backup-token
""",
        "PushExpect": """
checks:
  - name: order-tests
    claims: [orders-are-tested]
    confirm: {failures: 1}      # a run that failed does not get better by looking again
    push:
      every: 1d
      grace: 1h
      expect:
        tests: {min: 19}
        failures: 0
        assertions: {min: 53}
        duration: 10m
        facts: {branch: main, coverage: {ge: 80}}
""",
    }
)
