"""`python -m evidenced.cli` is the same as `evidenced`."""

from evidenced.cli import main

main()
