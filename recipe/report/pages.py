"""Names of the pages under output/."""

PAGE = "report.html"
"""The report; while a graph runs, a link to the unfinished page."""
UNFINISHED = "unfinished.html"
"""The rows that are there so far."""
UTTERANCES = "utterances.html"
"""What was said and recognised, word by word."""
