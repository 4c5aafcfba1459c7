"""Prior, emissions, lexical prefix-tree search, scale tuning."""
