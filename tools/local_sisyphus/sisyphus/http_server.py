"""What recipes import from the real engine's web view, which the bundled engine does not have."""

import html
import pprint
from typing import Any


def object_to_html(value: Any) -> str:
    """A value as preformatted HTML text, for the `html` methods of recipes."""
    return f"<pre>{html.escape(pprint.pformat(value))}</pre>"
