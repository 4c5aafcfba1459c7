"""What search can output, as a setting."""

DICTIONARY, DICTIONARY_AND_G2P = "dictionary", "dictionary+g2p"
SEARCH_LEXICONS = (DICTIONARY, DICTIONARY_AND_G2P)
"""The words of the corpus' dictionary; or, besides, those of the training text that the dictionary lacks, with the
pronunciation of grapheme-to-phoneme conversion."""
