"""What the daemon answers beside its pages, mostly for programs."""

PATHS = (
    ("/metrics", "metrics for Prometheus, text or OpenMetrics"),
    ("/probe", "one look at a target by a module of blackbox.yml: ?target=&module=&debug=true"),
    ("/api/v1/claims", "the claims as they stand, as JSON; /api/v1/claims/ID is one of them"),
    ("/api/v1/checks", "the checks as they stand, as JSON"),
    ("/api/v1/status", "what to read before any work, as JSON"),
    ("/api/v1/gate", "whether work on a topic may begin, and why not, as JSON: ?topic="),
    ("/api/v1/maintenance", "the maintenance that is on, as JSON"),
    ("/api/v1/drills", "the drills that are on, as JSON"),
    ("/api/v1/evidence", "the changes of standing, newest first, as JSON"),
    ("/api/v1/openapi.json", "all of the API, as OpenAPI 3.1 has it"),
    ("/feed.atom", "the changes of standing, as a feed"),
    ("/rules", "recording and alerting rules for this configuration"),
    ("/-/healthy", "200 while the daemon runs"),
    ("/-/ready", "200 once it looks at its checks"),
)
"""Paths, and what is there."""
