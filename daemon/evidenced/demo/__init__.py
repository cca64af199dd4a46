"""A small shop to watch, its ledger, and a daemon on it: the main job, shown in a terminal."""
