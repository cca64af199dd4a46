"""The status page: the answer, the claims, each claim with its proof, live in a browser."""
