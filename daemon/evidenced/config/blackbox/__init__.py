"""A blackbox.yml as blackbox_exporter reads it: modules, each with a prober and its keys."""
