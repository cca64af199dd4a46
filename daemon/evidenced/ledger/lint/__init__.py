"""The rules that a ledger keeps, and what of it breaks them."""
