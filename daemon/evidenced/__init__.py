"""Keep an operations ledger honest: hold each of its claims against production."""

__version__ = "0.1.0"
