"""The steps, each with the revision that it makes and the one that it needs."""
