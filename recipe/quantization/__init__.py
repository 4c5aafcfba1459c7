"""Fake quantisers, preparation for quantisation-aware training, post-training calibration."""
