"""The settings of each kind of check, one module a kind: what a probe needs for its look."""
