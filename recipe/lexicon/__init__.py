"""Pronunciations, label inventory, grapheme-to-phoneme conversion, decoder lexicon."""
