"""Fake quantisers, quantisation-aware preparation, post-training calibration."""
