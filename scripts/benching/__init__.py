"""`scripts/bench`: what vegraph costs, beside code written by hand and beside its peers."""
