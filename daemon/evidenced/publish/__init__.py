"""Who is told: metrics, alert rules, and the HTTP interface."""
