"""What is odd about a corpus, told before anything long runs."""
