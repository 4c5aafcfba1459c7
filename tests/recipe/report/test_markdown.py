import re
from pathlib import Path

from recipe.report.markdown import to_html

DOCUMENT = Path(__file__).parents[3] / "docs" / "deviations.md"


def test_lists_code_and_headings_below_those_of_the_page():
    html = to_html("# One\n###### Six\n- one\n  more\n- **two**\n\n```\na <b>\n```\n")
    assert "<h3>One</h3>\n<h6>Six</h6>" in html
    assert "<li>one\nmore</li>\n<li><strong>two</strong></li>" in html
    assert "<pre><code>a &lt;b&gt;\n</code></pre>" in html


def test_links_to_files_of_the_repository_become_their_text():
    html = to_html("text [here](a.md), [`there`](../docs/b.md#x), [top](#top) and [web](https://x.org/?a=1&b)")
    assert html == ('<p>text here, <code>there</code>, top and <a href="https://x.org/?a=1&amp;b">web</a></p>\n')


def test_nothing_is_loaded_and_nothing_runs():
    html = to_html("<script>x</script>\n\na <b>c</b> ![p](https://x.org/p.png) [j](javascript:x) [d](data:text/html,x)")
    assert not re.search(r"<(script|b|img)", html) and "src=" not in html
    assert re.findall(r'href="([^"]*)"', html) == ["https://x.org/p.png"]


def test_tables_scroll_and_keep_bars_in_cells():
    html = to_html("| a | b |\n|---|---|\n| `x<y` | 1 \\| 2 |\n")
    assert re.fullmatch(r'<div class="scroll prose"><table>.*</table></div>\n', html, re.DOTALL)
    assert "<th>a</th>" in html and "<td><code>x&lt;y</code></td>" in html and "<td>1 | 2</td>" in html


def test_every_row_and_heading_of_the_deviations_is_there():
    source, html = DOCUMENT.read_text(encoding="utf-8"), to_html(DOCUMENT.read_text(encoding="utf-8"))
    rows = [line for line in source.splitlines() if line.startswith("|") and not line.startswith("|--")]
    assert html.count("<tr>") == len(rows)
    assert re.findall(r"<h[34]>(.*)</h[34]>", html) == re.findall(r"^##? (.*)", source, re.MULTILINE)
