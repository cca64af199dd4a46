"""The same work by two sides in turn: this daemon, and blackbox_exporter scraped once a target."""
