"""Log-mel extraction to HDF."""
