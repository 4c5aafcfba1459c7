"""Acoustic models as values that build themselves; the networks know nothing of bits."""
