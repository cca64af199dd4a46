"""`/probe`: one look by a module of a blackbox.yml, answered as blackbox_exporter does."""
