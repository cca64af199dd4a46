"""Examples of the sections of the kinds that look at the host, of the same invented bakery."""

from collections.abc import Mapping
from types import MappingProxyType

HOST_EXAMPLES: Mapping[str, str] = MappingProxyType(
    {
        "CountRange": """
checks:
  - name: two-workers
    process: {name: oven-worker, expect: {count: 2}}                 # exactly two
  - name: some-workers
    process: {name: till-worker, expect: {count: {min: 1, max: 8}}}
""",
        "SizeRange": """
checks:
  - name: recipes
    file: {path: recipes.db, expect: {size: {min: 1KiB, max: 1GiB}}}
""",
        "FileSettings": """
checks:
  - name: proof-of-the-last-audit
    file: {path: ../docs/AUDIT.md, expect: {max_age: 30d, content: {contains: PASS}}}
  - name: nightly-backup
    file: {glob: /var/backups/bakery/*.tar, expect: {max_age: 26h, size: {min: 1MiB}}}
""",
        "FileExpect": """
checks:
  - name: no-maintenance-page
    file: {path: /srv/bakery/maintenance.html, expect: {exists: false}}
  - name: a-week-of-backups
    file: {glob: /var/backups/bakery/*.tar, expect: {count: {min: 7}}}
""",
        "PortSettings": """
checks:
  - name: shop-listens-on-loopback
    port: {listen: "127.0.0.1:3000"}
""",
        "PortExpect": """
checks:
  - name: database-is-not-open-to-the-world
    port: {listen: ":5432", expect: {only: [127.0.0.0/8, "::1"]}}
  - name: no-telnet
    port: {listen: ":23", expect: {listening: false}}
""",
        "ProcessSettings": """
checks:
  - name: workers
    process: {command: "oven-worker --queue [a-z]+", user: bakery}
""",
        "ProcessExpect": """
checks:
  - name: till
    process: {name: till, expect: {count: 1, min_age: 1m, memory: {max: 512MiB}}}
  - name: no-backup-hangs
    process: {name: backup-ovens, expect: {count: {min: 0}, max_age: 2h}}
""",
        "CommandSettings": """
checks:
  - name: ssh-jail
    command:
      run: [fail2ban-client, status]
      expect: {stdout: {contains: sshd}}
""",
        "CommandLimits": """
checks:
  - name: recipes-are-sound
    command:
      run: [sqlite3, recipes.db, pragma integrity_check]
      user: bakery
      limits: {cpu: 5s, memory: 512MiB, files: 64}
      expect: {stdout: ok}
""",
        "CommandExpect": """
checks:
  - name: no-failed-orders
    command: {run: [./count-failed-orders], expect: {exit: [0, 2], stdout: {lt: 5}, stderr: ""}}
""",
        "SystemdSettings": """
checks:
  - name: fail2ban
    claims: [ssh-fail2ban]
    systemd: {unit: fail2ban.service, expect: {enabled: enabled}}
""",
        "SystemdExpect": """
checks:
  - name: deploy-at-boot                 # a oneshot that remains after it has exited
    systemd: {unit: deploy-at-boot, expect: {sub: exited, enabled: enabled, result: success}}
  - name: nightly-bake
    systemd: {unit: nightly-bake.timer, expect: {active: active, sub: waiting}}
""",
        "RestartsExpect": """
checks:
  - name: till-is-steady
    systemd: {unit: till.service, expect: {restarts: {max: 3, within: 10m}}}
""",
    }
)
