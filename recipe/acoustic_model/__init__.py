"""The Conformer-CTC in plain PyTorch; knows nothing of bits."""
