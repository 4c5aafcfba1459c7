"""Word error rates with alignments and confidence intervals; STM and CTM export."""
