"""The graph of an experiment: every node made once and kept by name."""
