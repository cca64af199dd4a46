"""How the cost of a daemon grows with the number of its checks."""
