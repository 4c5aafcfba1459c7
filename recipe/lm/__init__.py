"""LM text, 4-gram estimation, KenLM binary, perplexity."""
