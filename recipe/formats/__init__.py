"""The files that stages hand to each other: one reader, one writer and one check per format."""
