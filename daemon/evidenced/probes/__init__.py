"""How one look is taken: one module a kind, all of one signature."""
