"""The rule file as a resource of Kubernetes, which the operator of Prometheus reads."""

_HEAD = """\
apiVersion: monitoring.coreos.com/v1
kind: PrometheusRule
metadata:
  name: evidenced
  labels:
    app.kubernetes.io/name: evidenced
spec:
"""


def resource(rules: str) -> str:
    """A PrometheusRule with the groups of a rule file as `rules` in publish.rules makes it.

    Text within text: what is said in it, and how it is broken into lines, stays.
    """
    head, _, groups = rules.partition("groups:\n")
    comment = head.replace("rules -c evidenced.yaml", "rules --kubernetes -c evidenced.yaml")
    lines = (f"  {line}" if line.strip() else line for line in f"groups:\n{groups}".splitlines())
    return comment + _HEAD + "\n".join(lines) + "\n"
