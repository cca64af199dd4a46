"""One running daemon: start, reload, stop."""
