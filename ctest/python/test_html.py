"""The HTML report in a browser: what it shows, and that it asks the network for nothing."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
from html.parser import HTMLParser
from pathlib import Path

import pytest
from conftest import FOUR_RANKS

COMMAND = os.environ["COMMAND_UNDER_TEST"]

# Names that would end the script or an attribute, steer a terminal, or are no UTF-8.
HOSTILE = [
    "</script><script>document.title = 'owned'</script>",
    "<!-- <script>",
    "<img src=x onerror=alert(1)>",
    "\"quotes' & &amp; `ticks` \\ ${name}",
    "two\nlines\tand\x01more",
    "größe → ∞",
]
HOSTILE_PROGRAM = """
import ctypes
from timemory.util import marker

library = ctypes.CDLL("libtimemory.so.4")
with marker(["wall_clock", "peak_rss"], key="main"):
    for name in {names!r}:
        with marker(["wall_clock"], key=name):
            sum(range(1000))
    library.timemory_push_region(b"no \\xff UTF-8")
    library.timemory_pop_region(b"no \\xff UTF-8")
"""

# A rank that takes longer, and a region that only one rank has. Cells are whole numbers, and more
# than a double can tell apart.
RANK = (
    FOUR_RANKS
    + """
with marker(["cells"], key="main"):
    if rank == 2:
        with marker(["cells"], key="only"):
            cells += 5000
    cells += 10000 * (rank + 1)
with marker(["cells"], key="great"):
    cells += 2**60 + 1 if rank == 3 else 1
"""
)

# What libtimemory-mpip would record: rank 2 is late, and each rank sends 1,000 bytes more than the
# one before it to its right. In milliseconds.
MPI_RANK = (
    FOUR_RANKS
    + """
import ctypes

class Row(ctypes.Structure):
    _fields_ = [("count", ctypes.c_uint64), ("sums", ctypes.c_uint64 * 4), ("ends", ctypes.c_int64 * 2)]

class Histogram(ctypes.Structure):
    _fields_ = [("last", ctypes.c_int64)]

library = ctypes.CDLL("libtimemory.so.4")
library.timemory_text.restype = ctypes.c_int64
library.timemory_region.restype = ctypes.c_uint64
library.timemory_row_of.restype = ctypes.POINTER(Row)
library.timemory_histogram_of.restype = ctypes.POINTER(Histogram)

def of(name, *keys, get=library.timemory_row_of):
    keys = [library.timemory_text(key) if isinstance(key, bytes) else key for key in keys]
    array = (ctypes.c_int64 * len(keys))(*keys)
    return get(library.timemory_table(name), array, ctypes.c_size_t(len(keys))).contents

def count(value, *keys):
    row = of(*keys)
    row.count = 1
    row.sums[0] = value
    row.ends[:] = value, value

ms = 1000000
wait = [600, 600, 0, 600][rank] * ms
name = {name!r}
with marker(["wall_clock"], key=name):
    region = ctypes.c_uint64(library.timemory_region(b"MPI_Recv", b"wall_clock"))
    path = library.timemory_enter_path(region)
    library.timemory_leave_lap(region)
count(1000 * ms, b"mpi_run", b"application")
count(200 * ms if rank == 2 else 10 * ms, b"mpi_run", b"no core")
count(wait, b"mpi_calls", path, b"MPI_Recv", name.encode(), (rank + 3) % 4, b"")
of(b"mpi_latency", path, get=library.timemory_histogram_of).last = wait
count(1000 * (rank + 1), b"mpi_messages", path, b"MPI_Recv", name.encode(), (rank + 1) % 4, 0, 40)
"""
)

MANY = """
from timemory.util import marker

def level(depth):
    for i in range(10):
        with marker(["wall_clock"], key=f"level{depth}_{i}"):
            if depth < 3:
                level(depth + 1)

level(0)
with marker(["wall_clock"], key="last"):
    pass
"""


def report(folder, result, *options):
    done = subprocess.run(
        [COMMAND, "report", str(result), *options],
        cwd=folder,
        env={k: v for k, v in os.environ.items() if not k.startswith("TIMEMORY_")},
        capture_output=True,
        timeout=60,
    )
    text = done.stdout.decode()
    if b"built without its page" in done.stderr:
        pytest.skip("the command was built without d3: scripts/setup installs node-d3")
    assert (done.returncode, done.stderr) == (0, b"")
    return text


def table_of(folder, result):
    """What the CSV has: (component, path) → row."""
    rows = csv.DictReader(io.StringIO(report(folder, result, "--format", "csv"), newline=""))
    return {(row["component"], row["path"]): row for row in rows}


def page_of(folder, result):
    page = folder / "report.html"
    page.write_bytes(report(folder, result, "--format", "html").encode())
    return page


@pytest.fixture
def measured(run):
    """Runs a program; gives its folder and its result."""

    def measure(source):
        ended = run(source, environment={"TIMEMORY_PROFILE_OUTPUT": "on"})
        (file,) = ended.folder.glob("*-output/*.timemory")
        return ended.folder, file

    return measure


@pytest.fixture(params=["together", "apart"])
def ranks(run, request):
    """The result of four ranks, folded or kept apart."""
    ended = run(
        RANK,
        command=[COMMAND, "run", "--output", "out", "--", sys.executable, "program.py"],
        environment={"TIMEMORY_PROFILE_OUTPUT": "on"},
    )
    apart = request.param == "apart"
    subprocess.run(
        [COMMAND, "merge", "out", "-o", "merged", "--profile", "all.timemory"][: 5 if apart else 7],
        cwd=ended.folder,
        env={**os.environ, "TIMEMORY_COLLAPSE_PROCESSES": "off" if apart else "on"},
        capture_output=True,
        timeout=60,
        check=True,
    )
    if apart and not (ended.folder / "merged" / "timemory.h5").exists():
        pytest.skip("built without HDF5, which keeps ranks apart")
    return ended.folder, "merged" if apart else "all.timemory", apart


class Browser:
    """A page in a headless Chromium."""

    def __init__(self, driver, page: Path) -> None:
        from selenium.webdriver.common.by import By
        from selenium.webdriver.common.keys import Keys

        self.driver, self.page, self.keys, self.by_id = driver, page, Keys, By.ID
        driver.get(page.as_uri())

    def find(self, name):
        return self.driver.find_element(self.by_id, name)

    def script(self, text, *arguments):
        return self.driver.execute_script(text, *arguments)

    def until(self, condition):
        """Waits until the page is so: what it does may take some frames."""
        end = time.monotonic() + 20
        while not condition():
            assert time.monotonic() < end
            time.sleep(0.02)

    def rows(self):
        """The rows of the table that are in the document: row → (name and title, values)."""
        found = self.script(
            """return [...document.querySelectorAll("#table tr[data-row]")].map((tr) => [
                Number(tr.dataset.row), tr.cells[0].title,
                tr.querySelector("button").textContent, [...tr.querySelectorAll("mark")].map((m) => m.textContent),
                [...tr.cells].slice(1).map((cell) => [cell.dataset.value, cell.textContent])])"""
        )
        keys = self.script(
            'return [...document.querySelectorAll("#table th[data-column]")].map((th) => th.dataset.column)'
        )
        return {
            title: {
                "row": row,
                "name": name,
                "marked": marked,
                "values": {key: v for key, (v, _) in zip(keys[1:], cells)},
                "texts": {key: text for key, (_, text) in zip(keys[1:], cells)},
            }
            for row, title, name, marked, cells in found
        }

    def show(self, component):
        self.script(
            """const select = document.getElementById("component");
            select.selectedIndex = [...select.options].findIndex((o) => o.text === arguments[0]);
            select.dispatchEvent(new Event("change"));""",
            component,
        )

    def search(self, text):
        self.script(
            """const search = document.getElementById("search");
            search.value = arguments[0];
            search.dispatchEvent(new Event("input"));""",
            text,
        )

    def nodes(self):
        return self.script('return document.querySelectorAll("*").length')

    def check(self):
        """No error, and nothing asked for but the page."""
        assert self.driver.get_log("browser") == []
        messages = [
            json.loads(entry["message"])["message"] for entry in self.driver.get_log("performance")
        ]
        asked = [
            message["params"]["request"]["url"]
            for message in messages
            if message["method"] == "Network.requestWillBeSent"
            and not message["params"]["documentURL"].startswith("chrome:")  # its own first page
        ]
        assert set(asked) == {self.page.as_uri()}


@pytest.fixture
def browse(tmp_path_factory):
    webdriver = pytest.importorskip("selenium.webdriver", reason="there is no selenium")
    chromium, driver_program = shutil.which("chromium"), shutil.which("chromedriver")
    if not chromium or not driver_program:
        pytest.skip("there is no chromium with its chromedriver: scripts/setup installs them")
    options = webdriver.ChromeOptions()
    options.binary_location = chromium
    for argument in (
        "--headless=new",
        "--no-sandbox",  # as root
        "--disable-gpu",
        "--disable-dev-shm-usage",
        "--force-prefers-reduced-motion",
        "--window-size=1400,1000",
        f"--user-data-dir={tmp_path_factory.mktemp('chromium')}",
    ):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    driver = webdriver.Chrome(options=options, service=webdriver.ChromeService(driver_program))
    yield lambda page: Browser(driver, page)
    driver.quit()


class Loads(HTMLParser):
    """Whatever a page may load: elements that do, attributes with addresses, and its scripts."""

    def __init__(self) -> None:
        super().__init__()
        self.addresses: list[str] = []
        self.policy = ""
        self.data = ""
        self.in_data = False

    def handle_starttag(self, tag, attributes):
        have = dict(attributes)
        self.addresses += [have[key] or "" for key in ("src", "href", "srcset") if key in have]
        assert tag not in ("link", "iframe", "object", "embed", "img", "base", "form")
        if have.get("http-equiv") == "Content-Security-Policy":
            self.policy = have["content"]
        self.in_data = tag == "script" and have.get("id") == "data"

    def handle_data(self, data):
        if self.in_data:
            self.data += data


def test_loads_nothing(measured):
    folder, result = measured(HOSTILE_PROGRAM.format(names=HOSTILE))
    text = page_of(folder, result).read_text(encoding="utf-8")
    page = Loads()
    page.feed(text)
    assert page.addresses == []
    assert page.policy.startswith("default-src 'none';")
    assert not re.search(r"http|\*|data:|connect-src|img-src", page.policy)
    assert not re.search(r"@import|url\(", text[: text.index("</style>")])
    assert "<" not in page.data
    data = json.loads(page.data)
    assert {*HOSTILE, "no \ufffd UTF-8"} <= set(data["names"])
    wall = next(c for c in data["components"] if c["id"] == "wall_clock")
    assert len({len(column) for column in wall.values() if isinstance(column, list)}) == 1


def test_table_and_search(measured, browse):
    folder, result = measured(HOSTILE_PROGRAM.format(names=HOSTILE))
    expected = table_of(folder, result)
    page = browse(page_of(folder, result))
    rows = page.rows()
    paths = {path: row for (component, path), row in expected.items() if component == "wall_clock"}
    assert len(rows) == len(paths) == len(HOSTILE) + 2
    for row in paths.values():
        # Control characters as their pictures.
        plain = re.sub("[\0-\x1f]", lambda m: chr(0x2400 + ord(m.group())), row["path"])
        shown = rows[plain]
        assert row["path"].endswith(row["name"])
        assert shown["name"] == plain.rpartition(" > ")[2] or not row["parent"]
        assert int(shown["values"]["count"]) == int(row["count"])
        for key, column in (("total", "sum"), ("self", "self_sum"), ("mean", "mean")):
            assert float(shown["values"][key]) == float(row[column])
        for key in ("min", "max", "stddev"):
            assert float(shown["values"][key]) == float(row[key])
        total = float(row["sum"])
        assert float(shown["texts"]["total"]) == pytest.approx(total, rel=1e-3, abs=1e-6)
    assert page.script("return document.title") != "owned"

    page.search("QUOTES")
    ((title, found),) = page.rows().items()
    assert title == f"main > {HOSTILE[3]}"
    assert (found["name"], found["marked"]) == (HOSTILE[3], ["quotes"])
    share = 100 * float(paths[title]["sum"]) / float(paths["main"]["sum"])
    assert page.find("found").text == f"1 of 8 call paths, {share:.1f} % of wall_clock"
    page.find("scroll").send_keys(page.keys.ESCAPE)
    assert len(page.rows()) == 8
    page.find("scroll").send_keys("/")
    assert page.script("return document.activeElement.id") == "search"

    page.script('document.querySelector("th[data-column=total] button").click()')
    totals = [float(row["values"]["total"]) for row in page.rows().values()]
    assert totals == sorted(totals, reverse=True)

    page.show("peak_rss")
    assert list(page.rows()) == ["main"]
    assert not page.find("icicle-part").is_displayed(), "it has no parts"
    page.check()

    refused = page.driver.execute_async_script(
        """addEventListener("securitypolicyviolation", (e) => arguments[0](e.effectiveDirective));
        fetch("http://127.0.0.1:9/").catch(() => {});"""
    )
    assert refused == "connect-src"


def test_zoom(measured, browse):
    from selenium.webdriver import ActionChains

    folder, result = measured(MANY)
    page = browse(page_of(folder, result))
    icicle = page.find("icicle")

    def crumbs():
        return page.script(
            'return [...document.querySelectorAll("#crumbs button")].map((b) => b.textContent)'
        )

    assert icicle.get_attribute("data-focus") == "all"
    # Levels are 21 high: the third is that of level1_*.
    at = 21 * 2.5 - icicle.size["height"] / 2
    ActionChains(page.driver).move_to_element_with_offset(icicle, 0, round(at)).perform()
    shown = page.find("tip").text.splitlines()
    icicle_at = page.script("return scrollY")
    ActionChains(page.driver).click().perform()
    focus = icicle.get_attribute("data-focus")
    assert re.fullmatch(r"level0_\d > level1_\d", focus)
    assert shown[0] == focus.split(" > ")[1]
    row = table_of(folder, result)["wall_clock", focus]
    # As a number: one below 1e-4 is written otherwise here.
    value = shown[1].partition(" sec, count 1")[0]
    assert float(value) == float(row["sum"])
    assert crumbs() == ["all", *focus.split(" > ")]
    assert focus.split(" > ")[1] in icicle.get_attribute("aria-label")
    assert page.script("return scrollY") == icicle_at

    # By the keyboard to the greatest below it.
    icicle.send_keys(page.keys.ARROW_DOWN, page.keys.ENTER)
    below = icicle.get_attribute("data-focus")
    assert re.fullmatch(re.escape(focus) + r" > level2_\d", below)
    page.script('document.querySelector("#crumbs button").click()')
    assert icicle.get_attribute("data-focus") == "all"
    # From the table, and back.
    page.search("last")
    page.script('document.querySelector("#table tbody button").click()')
    assert crumbs() == ["all", "last"]
    icicle.send_keys(page.keys.ESCAPE)
    assert crumbs() == ["all"]
    page.check()


def test_many_paths(measured, browse):
    folder, result = measured(MANY)
    page = browse(page_of(folder, result))
    assert "11,111 call paths" in page.find("table-title").text
    assert not page.find("mpi-part").is_displayed()
    first = set(page.rows())
    assert "level0_0" in first
    assert page.nodes() < 1500
    page.script('document.getElementById("scroll").scrollTop = 1e9')
    page.until(lambda: "last" in page.rows())
    assert first.isdisjoint(page.rows())
    assert page.nodes() < 1500
    page.search("level3_7")
    assert page.find("found").text.startswith("1,000 of 11,111 call paths")
    assert all(row["name"] == "level3_7" for row in page.rows().values())
    assert page.nodes() < 1500
    page.script('document.querySelector("#table tbody button").click()')
    assert page.find("icicle").get_attribute("data-focus").endswith(" > level3_7")
    assert page.nodes() < 1500
    page.check()


def test_run(run, browse):
    ended = run(MANY, environment={"TIMEMORY_MAX_PATHS": "1000"})
    (folder,) = ended.folder.glob("*-output")
    if not (folder / "timemory.h5").exists():
        pytest.skip("built without HDF5, which has the settings")
    page = browse(page_of(ended.folder, folder))
    assert page.driver.title == "program.py - timemory"
    assert page.find("command").text == "program.py"
    assert page.find("summary").text.startswith("1 rank · 1 thread each")
    assert re.match(r"Not everything was recorded: .*capped paths: \d+", page.find("losses").text)
    metadata = json.loads((folder / "metadata.json").read_text())["timemory"]["metadata"]
    facts = page.script(
        'return [...document.querySelectorAll("#facts div")].map((d) => [...d.children].map((e) => e.textContent))'
    )
    assert dict(facts)["measured regions"] == str(metadata["own_cost"]["regions"])
    settings = page.script('return document.getElementById("settings").textContent')
    assert "max_paths1000(environment)" in settings
    processes = page.script('return document.getElementById("processes").textContent')
    assert processes == f"{socket.gethostname()}rank 01 process1 threadended"
    assert "precision" not in settings, "it is the default"
    page.check()


def test_ranks(ranks, browse):
    folder, result, apart = ranks
    page = browse(page_of(folder, result))
    rows = page.rows()
    assert {
        key: rows["main"]["values"][key]
        for key in ("total", "rank_min", "min_rank", "rank_max", "max_rank")
    } == {"total": "105", "rank_min": "10", "min_rank": "0", "rank_max": "40", "max_rank": "3"}
    only = rows["main > only"]
    assert (only["values"]["max_rank"], only["texts"]["imbalance"]) == ("2", "+300 %")
    assert rows["great"]["values"]["rank_max"] == f"{2**60 + 1:d}"[:-3] + ".977"
    assert rows["great"]["values"]["total"] == f"{2**60 + 4:d}"[:-3] + ".98"
    uneven = page.find("uneven").text
    assert "rank 3" in uneven.splitlines()[1]

    if not apart:
        page.search("main")
        labels = page.script(
            'return [...document.querySelectorAll("#range g")].map((g) => g.getAttribute("aria-label"))'
        )
        assert labels == [
            "main, least 10 kcell on rank 0, mean 26.25 kcell, greatest 40 kcell on rank 3, of 4 ranks"
        ]
        page.check()
        return
    heat = page.find("heat")
    said = []
    for key in [page.keys.ARROW_RIGHT] * 4 + [page.keys.ARROW_DOWN, page.keys.ARROW_LEFT]:
        heat.send_keys(key)
        said.append(page.find("heat-read").text)
    assert said == [
        "main, rank 0: 10 kcell, mean 26.25 kcell (-62 %)",
        "main, rank 1: 20 kcell, mean 26.25 kcell (-24 %)",
        "main, rank 2: 35 kcell, mean 26.25 kcell (+33 %)",
        "main, rank 3: 40 kcell, mean 26.25 kcell (+52 %)",
        "main > only, rank 3: not there, mean 1.25 kcell (-100 %)",
        "main > only, rank 2: 5 kcell, mean 1.25 kcell (+300 %)",
    ]
    page.check()


def test_mpi(run, browse):
    ended = run(
        MPI_RANK.replace("{name!r}", repr(HOSTILE[0])),
        command=[COMMAND, "run", "--output", "out", "--", sys.executable, "program.py"],
        environment={"TIMEMORY_PROFILE_OUTPUT": "on"},
    )
    (results,) = ended.folder.glob("out")
    subprocess.run(
        [COMMAND, "merge", results, "-o", "merged", "--profile", "all.timemory"],
        cwd=ended.folder,
        capture_output=True,
        timeout=60,
        check=True,
    )
    text = report(ended.folder, "all.timemory", "--mpi")
    page = browse(page_of(ended.folder, "all.timemory"))
    assert page.find("mpi-part").is_displayed()

    def texts(selector):
        return page.script(
            "return [...document.querySelectorAll(arguments[0])].map((e) => e.textContent)",
            selector,
        )

    sentences = texts("#mpi-sentences p")
    assert sentences[0].startswith(
        f"Late sender: 1.80 s (45.0 % of all ranks' time) is spent in {HOSTILE[0]}/MPI_Recv"
    )
    assert "rank 2" in sentences[0]
    assert sentences[1].startswith("Short of cores:")
    plain = " ".join(text.split())
    for sentence in sentences:
        assert " ".join(sentence.split()) in plain
    # The mean of the useful times is 550 ms, the greatest 1 s, and so is the run time.
    assert texts("#mpi-efficiency b") == ["55.0 %", "55.0 %", "100.0 %"]
    assert texts("#mpi-activities li > :last-child") == ["4 calls, 1.80 s100.0 %"]
    assert texts("#mpi-paths .name") == [f"{HOSTILE[0]}/MPI_Recv"]

    said = []
    for canvas, keys in (
        ("mpi-ranks", [page.keys.ARROW_RIGHT] * 3),
        ("mpi-matrix", [page.keys.ARROW_RIGHT] * 2 + [page.keys.ARROW_DOWN] * 3),
    ):
        for key in keys:
            page.find(canvas).send_keys(key)
            said.append(page.find(f"{canvas}-read").text)
    waits = "outside of MPI: {}, in MPI, waiting: {}, in MPI, other calls: 0 s, 0.0 %"
    core = ", ready, but without a core: "
    half = waits.format("400 ms, 40.0 %", "600 ms, 60.0 %") + core + "10.0 ms"
    assert said == [
        f"rank 0, {half}",
        f"rank 1, {half}",
        "rank 2, " + waits.format("1.00 s, 100.0 %", "0 s, 0.0 %") + core + "200 ms",
        "from rank 0 to rank 0, nothing",
        "from rank 0 to rank 1, 1 message, 1.00 KB",
        "from rank 1 to rank 1, nothing",
        "from rank 2 to rank 1, nothing",
        "from rank 3 to rank 1, nothing",
    ]
    assert page.script("return document.title") != "owned"
    page.check()
