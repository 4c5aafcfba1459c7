"""Markdown documents of the repository as HTML within the report page."""

from collections.abc import Sequence
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markupsafe import Markup

HEADING_OFFSET = 2
"""A document's first heading comes below the page's own."""


class _PageRenderer(RendererHTML):
    """Headings one after the page's own, tables that scroll, links to the web only."""

    def heading_open(self, tokens: Sequence[Token], index: int, options: Any, env: Any) -> str:
        return f"<{_lowered(tokens[index].tag)}>"

    def heading_close(self, tokens: Sequence[Token], index: int, options: Any, env: Any) -> str:
        return f"</{_lowered(tokens[index].tag)}>\n"

    def table_open(self, tokens: Sequence[Token], index: int, options: Any, env: Any) -> str:
        return '<div class="scroll prose"><table>\n'

    def table_close(self, tokens: Sequence[Token], index: int, options: Any, env: Any) -> str:
        return "</table></div>\n"

    def link_open(self, tokens: Sequence[Token], index: int, options: Any, env: Any) -> str:
        """Links to files of the repository lead nowhere from a single page: their text is left."""
        return self.renderToken(tokens, index, options, env) if _to_the_web(tokens, index) else ""

    def link_close(self, tokens: Sequence[Token], index: int, options: Any, env: Any) -> str:
        opening = max(i for i, token in enumerate(tokens[:index]) if token.type == "link_open")
        return "</a>" if _to_the_web(tokens, opening) else ""


_MARKDOWN = MarkdownIt("commonmark", {"html": False}, renderer_cls=_PageRenderer).enable("table").disable("image")


def to_html(text: str) -> Markup:
    """CommonMark with tables; raw HTML becomes text, and a picture a link to it, so that the page loads nothing."""
    return Markup(_MARKDOWN.render(text))


def _to_the_web(tokens: Sequence[Token], index: int) -> bool:
    return str(tokens[index].attrs["href"]).startswith(("http://", "https://"))


def _lowered(tag: str) -> str:
    return f"h{min(6, int(tag[1:]) + HEADING_OFFSET)}"
