"""What a notebook shows of a result, values compared with the result itself."""

import html.parser
import xml.etree.ElementTree as ElementTree

import pytest

import timemory

pytest.importorskip("pandas")
pytest.importorskip("matplotlib")
OUT = "timemory-program-output"
SVG = "{http://www.w3.org/2000/svg}"

PROGRAM = """
import time
from timemory.util import marker
for _ in range(3):
    with marker(["wall_clock", "peak_rss"], key="main"):
        with marker(["wall_clock"], key="solve"):
            with marker(["wall_clock"], key="<b>&inner"):
                time.sleep(0.01)
        with marker(["wall_clock"], key="write $x$"):
            time.sleep(0.005)
"""


class Page(html.parser.HTMLParser):
    """The cells of the table, and everything that is not one of its tags."""

    def __init__(self, text):
        super().__init__()
        self.rows, self.tags, self.in_cell = [], set(), False
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        if tag == "tr":
            self.rows.append([])
        if tag in ("td", "th"):
            self.in_cell = True
            self.rows[-1].append("")

    def handle_endtag(self, tag):
        if tag in ("td", "th"):
            self.in_cell = False

    def handle_data(self, data):
        if self.in_cell:
            self.rows[-1][-1] += data


def pictures(page):
    """The SVG documents in a page, parsed."""
    found, rest = [], page
    while "<svg" in rest:
        end = rest.index("</svg>") + len("</svg>")
        found.append(ElementTree.fromstring(rest[rest.index("<svg") : end]))
        rest = rest[end:]
    return found


def texts(picture):
    return {"".join(text.itertext()).strip() for text in picture.iter(f"{SVG}text")}


def widths(icicle, names):
    """Of the rectangle of each name."""
    found = {}
    for group in icicle.iter(f"{SVG}g"):
        if group.get("id") in names:
            corners = group.find(f"{SVG}path").get("d").replace("L", "M").split("M")
            x = [float(corner.split()[0]) for corner in corners if corner.strip()]
            found[group.get("id")] = max(x) - min(x)
    return found


@pytest.fixture
def result(run):
    return timemory.load(run(PROGRAM).folder / OUT)


def test_the_table_has_the_values_of_the_result(result):
    page = Page(result._repr_html_())
    frame = result.to_dataframe("wall_clock").set_index("path")
    head, *rows = page.rows
    cells = {row[head.index("path")]: row for row in rows}
    assert set(cells) == set(frame.index)
    for path, row in cells.items():
        for column in ("count", "sum", "mean", "min", "max", "self_sum"):
            assert float(row[head.index(column)]) == pytest.approx(frame[column][path], rel=1e-5)
    assert "b" not in page.tags, "names are text"


def test_the_icicle_is_as_wide_as_the_values(result):
    icicle, *others = pictures(result._repr_html_())
    assert others == []
    frame = result.to_dataframe("wall_clock").set_index("name")
    found = widths(icicle, set(frame.index))
    assert set(found) == {"main", "solve", "<b>&inner", "write $x$"}
    for name, width in found.items():
        expected = frame["sum"][name] / frame["sum"]["main"]
        assert width / found["main"] == pytest.approx(expected, abs=0.002), name
    assert {"main", "solve", "<b>&inner", "write $x$"} <= texts(icicle)


def test_ranks_that_are_apart_are_a_heat_map(run_ranks):
    ended = run_ranks(PROGRAM)
    result = timemory.load(ended.folder / "out")
    _, ranges = pictures(result._repr_html_())
    assert "mean over 3 ranks; the line goes from the least to the greatest" in texts(ranges)
    timemory.settings.collapse_processes = False
    try:
        apart = timemory.load(ended.folder / "out")
    finally:
        timemory.settings.collapse_processes = True
    _, heat = pictures(apart._repr_html_())
    assert {"0", "1", "2", "rank"} <= texts(heat)
    assert Page(apart._repr_html_()).rows[0][0] == "ranks"


def test_the_same_result_is_the_same_page(result):
    assert result._repr_html_() == result._repr_html_()


def test_an_empty_result_shows_itself(tmp_path):
    (tmp_path / "wall.json").write_text(
        '{"timemory": {"wall_clock": {"type": "wall", "ranks": [{"rank": 0, "graph": []}]}}}'
    )
    assert "empty" in timemory.load(tmp_path)._repr_html_()
