"""The part of Markdown that this repository's documents use, as HTML: headings, paragraphs, lists, tables, code."""

import re
from collections.abc import Iterator
from itertools import groupby

from markupsafe import Markup, escape

HEADING_OFFSET = 2  # a document stands below the page's own headings
_INLINE = re.compile(r"`(?P<code>[^`]+)`|\*\*(?P<strong>.+?)\*\*|\[(?P<text>[^\]]+)\]\((?P<link>[^)\s]+)\)")


def to_html(text: str) -> Markup:
    """Everything that is not such a construct is escaped text; raw HTML never passes."""
    parts = re.split(r"^```.*?\n(.*?)^```\s*$", text, flags=re.DOTALL | re.MULTILINE)
    html = []
    for index, part in enumerate(parts):
        if index % 2:
            html.append(Markup("<pre>{}</pre>").format(part))
        else:
            html += [_block(block) for block in _blocks(part)]
    return Markup("\n").join(html)


def _blocks(text: str) -> Iterator[list[str]]:
    """Runs of lines of one kind; blank lines and headings separate them."""
    number, before = 0, ""
    kinds = []
    for line in text.splitlines():
        kind = _kind(line, before)
        if kind != before or kind == "heading":
            number += 1
        kinds.append((number, kind, line))
        before = kind
    for (_, kind), lines in groupby(kinds, key=lambda entry: entry[:2]):
        if kind != "blank":
            yield [line for *_, line in lines]


def _kind(line: str, before: str) -> str:
    if not line.strip():
        return "blank"
    if re.match(r"#{1,6} ", line):
        return "heading"
    if line.startswith("|"):
        return "table"
    if re.match(r"\s*[-*] ", line) or (before == "list" and line.startswith(" ")):
        return "list"
    return "paragraph"


def _block(lines: list[str]) -> Markup:
    first = lines[0]
    if heading := re.match(r"(#{1,6}) (.*)", first):
        level = min(6, len(heading[1]) + HEADING_OFFSET)
        return Markup("<h{0}>{1}</h{0}>").format(level, _inline(heading[2]))
    if first.startswith("|"):
        return _table(lines)
    if re.match(r"\s*[-*] ", first):
        items = re.split(r"^\s*[-*] ", "\n".join(lines), flags=re.MULTILINE)[1:]
        return Markup("<ul>{}</ul>").format(Markup("").join(Markup("<li>{}</li>").format(_inline(i)) for i in items))
    return Markup("<p>{}</p>").format(_inline("\n".join(lines)))


def _table(lines: list[str]) -> Markup:
    rows = [[cell.strip().replace(r"\|", "|") for cell in re.split(r"(?<!\\)\|", line.strip())[1:-1]] for line in lines]
    body = [row for row in rows if not all(re.fullmatch(r":?-+:?", cell) for cell in row)]

    def row_of(tag: str, cells: list[str]) -> Markup:
        inner = Markup("").join(Markup("<{0}>{1}</{0}>").format(Markup(tag), _inline(cell)) for cell in cells)
        return Markup("<tr>{}</tr>").format(inner)

    inner = Markup("").join([row_of("th", body[0]), *(row_of("td", cells) for cells in body[1:])])
    return Markup('<div class="scroll prose"><table>{}</table></div>').format(inner)


def _inline(text: str) -> Markup:
    html, end = Markup(""), 0
    for match in _INLINE.finditer(text):
        html += escape(text[end : match.start()])
        if match["code"]:
            html += Markup("<code>{}</code>").format(match["code"])
        elif match["strong"]:
            html += Markup("<strong>{}</strong>").format(_inline(match["strong"]))
        elif re.match(r"https?://", match["link"]):
            html += Markup('<a href="{}">{}</a>').format(match["link"], match["text"])
        else:
            html += escape(match["text"])  # a link within the repository leads nowhere from a single file
        end = match.end()
    return html + escape(text[end:])
