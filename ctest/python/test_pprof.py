"""`timemory report --format pprof`, read back with pprof's own definition of its format."""

from __future__ import annotations

import csv
import gzip
import io
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest
from conftest import FOUR_RANKS

COMMAND = os.environ["COMMAND_UNDER_TEST"]
# From Debian's golang-github-google-pprof-dev.
PROTO = Path("/usr/share/gocode/src/github.com/google/pprof/proto/profile.proto")
PROTOC = shutil.which("protoc")
built_in = pytest.mark.skipif(
    os.environ.get("COMMAND_HAS_PPROF") == "no", reason="built without protobuf"
)
with_reader = pytest.mark.skipif(
    PROTOC is None or not PROTO.exists(), reason="there is no protoc, or no profile.proto"
)

# Nested and flat regions, a thread, names of any kind, a path that only one component has, and
# regions that differ only in their laps.
PROGRAM = """
import threading
from timemory.util import marker
import timemory

count = 0
kept = []
timemory.component.register("cells", lambda: count, unit="kcell", unit_value=1000)

def work(laps):
    global count
    for i in range(laps):
        with marker(["wall_clock", "cells", "peak_rss"], key="main"):
            count += 7
            with marker(["wall_clock"], key="solve"):
                with marker(["wall_clock", "cells"], key="a;b, \\"c\\" | `d` -> e\\n\\t%s"):
                    count += 100
            with marker(["wall_clock"], key="größe"):
                with marker(["wall_clock"], key="main"):
                    sum(range(1000))
    with marker(["cells", "page_rss"], key="last"):
        count += 5
        kept.append(b"x" * 5_000_000)

work(3)
thread = threading.Thread(target=work, args=(2,))
thread.start()
thread.join()
"""
ODD = 'a;b, "c" | `d` -> e\n\t%s'
MAIN = ("main",)


@pytest.fixture(scope="module")
def message(tmp_path_factory):
    """The class of pprof's profiles."""
    pytest.importorskip("google.protobuf")
    from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

    compiled = tmp_path_factory.mktemp("proto") / "profile.bin"
    subprocess.run(
        [PROTOC, f"-I{PROTO.parent}", f"--descriptor_set_out={compiled}", PROTO.name], check=True
    )
    pool = descriptor_pool.DescriptorPool()
    for file in descriptor_pb2.FileDescriptorSet.FromString(compiled.read_bytes()).file:
        pool.Add(file)
    found = pool.FindMessageTypeByName("perftools.profiles.Profile")
    return message_factory.GetMessageClass(found)


def report(folder, file, *options):
    done = subprocess.run(
        [COMMAND, "report", file, *options],
        cwd=folder,
        env={k: v for k, v in os.environ.items() if not k.startswith("TIMEMORY_")},
        capture_output=True,
        timeout=60,
    )
    assert (done.returncode, done.stderr) == (0, b"")
    return done.stdout


def unique(ids):
    assert len(set(ids)) == len(ids)
    assert 0 not in ids
    return ids


class Read:
    """A profile as a reader sees it, that keeps to the rules of the format."""

    def __init__(self, message, compressed):
        profile = message.FromString(gzip.decompress(compressed))
        self.profile = profile
        text = profile.string_table
        assert text[0] == ""
        assert len(set(text)) == len(text)
        self.types = [(text[t.type], text[t.unit]) for t in profile.sample_type]
        self.standard = text[profile.default_sample_type]
        unique([f.id for f in profile.function])
        unique([x.id for x in profile.location])
        functions = {f.id: text[f.name] for f in profile.function}
        assert len(set(functions.values())) == len(functions)
        names = {}
        for location in profile.location:
            (line,) = location.line
            names[location.id] = functions[line.function_id]
        self.samples = {}
        for sample in profile.sample:
            assert len(sample.value) == len(self.types)
            labels = []
            for label in sample.label:
                assert not (label.str and label.num)
                # Without a unit pprof takes a 0 for no label.
                assert label.str or text[label.num_unit] == text[label.key]
                labels.append((text[label.key], text[label.str] if label.str else label.num))
            path = tuple(names[i] for i in reversed(sample.location_id))
            key = (tuple(labels), path)
            assert key not in self.samples, "a call path stands twice"
            self.samples[key] = tuple(sample.value)

    def of(self, type_):
        """Label and path → value of one type of samples, where there is any."""
        (column,) = (i for i, (name, _) in enumerate(self.types) if name == type_)
        return {key: values[column] for key, values in self.samples.items() if values[column]}


def own_parts(folder, file, scales):
    """Component → label and path → own part in raw units; and label and path → laps; from the CSV."""
    rows = csv.DictReader(io.StringIO(report(folder, file, "--format", "csv").decode()))
    parts, laps, paths = {}, {}, {}
    for row in rows:
        component = row["component"]
        if component not in scales:
            continue
        above = paths[component, row["ranks"], row["parent"]] if row["parent"] else ()
        path = paths[component, row["ranks"], row["row"]] = (*above, row["name"])
        key = ((("thread", int(row["thread"])),) if row["thread"] else (), path)
        own = max(round(float(row["self_sum"]) * scales[component]), 0)
        part = parts.setdefault(component, {})
        part[key] = part.get(key, 0) + own
        of_component = laps.setdefault(component, {})
        of_component[key] = of_component.get(key, 0) + int(row["count"])
    most = {}
    for of_component in laps.values():
        for key, n in of_component.items():
            most[key] = max(most.get(key, 0), n)
    return {c: {k: v for k, v in part.items() if v} for c, part in parts.items()}, most


SCALES = {"wall_clock": 1e9, "cells": 1e3, "page_rss": 1e6}


@built_in
@with_reader
@pytest.mark.parametrize("apart", [False, True], ids=["together", "apart"])
@pytest.mark.parametrize("scope", ["", "TIMEMORY_TIMELINE_PROFILE"], ids=["folded", "timeline"])
def test_values(run, message, apart, scope):
    began = time.time()
    folder = run(
        PROGRAM,
        environment={
            "TIMEMORY_PROFILE_OUTPUT": "on",
            "TIMEMORY_COLLAPSE_THREADS": "off" if apart else "on",
            **({scope: "on"} if scope else {}),
        },
    ).folder
    (file,) = folder.glob("*/*.timemory")
    read = Read(message, report(folder, file, "--format", "pprof"))
    assert sorted(read.types) == [
        ("cells", "count"),
        ("count", "count"),
        ("page_rss", "bytes"),
        ("wall_clock", "nanoseconds"),
    ]
    assert read.types[0] == ("count", "count")
    assert read.standard == "wall_clock"
    assert began - 1 < read.profile.time_nanos / 1e9 < time.time()

    parts, laps = own_parts(folder, file, SCALES)
    for component in SCALES:
        assert read.of(component) == parts.get(component, {}), component
    assert read.of("count") == laps
    # Of threads that are together the greatest counts: it is the process's memory.
    assert sum(read.of("page_rss").values()) >= (10_000_000 if apart else 5_000_000)
    threads = [(("thread", i),) for i in range(2)] if apart else [()]
    of_thread = {(): 5} if not apart else {threads[0]: 3, threads[1]: 2}
    assert read.of("cells") == {
        (thread, path): n
        for thread in threads
        for path, n in {
            MAIN: 7 * of_thread[thread],
            ("main", ODD): 100 * of_thread[thread],
            ("last",): 5 * (1 if apart else 2),
        }.items()
    }
    assert {path: n for (_, path), n in read.of("count").items() if n}.keys() == {
        MAIN,
        ("main", "solve"),
        ("main", "solve", ODD),
        ("main", ODD),
        ("main", "größe"),
        ("main", "größe", "main"),
        ("last",),
    }


@built_in
@with_reader
def test_one_component(run, message):
    folder = run(PROGRAM, environment={"TIMEMORY_PROFILE_OUTPUT": "on"}).folder
    (file,) = folder.glob("*/*.timemory")
    read = Read(message, report(folder, file, "--format", "pprof", "-c", "cells", "-e", "last"))
    assert read.types == [("count", "count"), ("cells", "count")]
    assert read.standard == "cells"
    assert read.samples == {((), ("last",)): (2, 10)}


def refused(folder, file, *options):
    done = subprocess.run(
        [COMMAND, "report", file, "--format", "pprof", *options],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.count("\n") == 1
    return done.stderr


def test_nothing_to_draw(run):
    folder = run(PROGRAM, environment={"TIMEMORY_PROFILE_OUTPUT": "on"}).folder
    (file,) = folder.glob("*/*.timemory")
    assert "no component that can be drawn as stacks" in refused(folder, file, "-c", "peak_rss")


@pytest.mark.skipif(os.environ.get("COMMAND_HAS_PPROF") != "no", reason="it is built in")
def test_what_is_missing(run):
    folder = run(PROGRAM, environment={"TIMEMORY_PROFILE_OUTPUT": "on"}).folder
    (file,) = folder.glob("*/*.timemory")
    assert "libprotobuf-dev, protobuf-compiler and zlib1g-dev" in refused(folder, file)


RANK = (
    FOUR_RANKS
    + """
with marker(["cells"], key="main"):
    if rank == 2:
        with marker(["cells"], key="only"):
            cells += 5000
    cells += 10000 * (rank + 1)
"""
)


@built_in
@with_reader
@pytest.mark.skipif(
    not (Path(COMMAND).parent.parent / "lib/timemory/timemory-hdf5").exists(),
    reason="ranks are kept apart in timemory.h5 only",
)
@pytest.mark.parametrize("kept", ["together", "groups", "apart"])
def test_ranks(run, message, kept):
    folder = run(
        RANK,
        command=[COMMAND, "run", "--merge", "--output", "out", "--", sys.executable, "program.py"],
    ).folder
    options = {
        "together": [],
        "groups": ["--timemory-node-count=2"],
        "apart": ["--timemory-collapse-processes=off"],
    }[kept]
    subprocess.run(
        [COMMAND, "merge", "out", "-o", "again", *options],
        cwd=folder,
        capture_output=True,
        timeout=60,
        check=True,
    )
    read = Read(message, report(folder, "again", "--format", "pprof"))
    ranks = {
        "together": {(): range(4)},
        "groups": {(("rank", "0-1"),): (0, 1), (("rank", "2-3"),): (2, 3)},
        "apart": {(("rank", r),): (r,) for r in range(4)},
    }[kept]
    wanted = {}
    for label, members in ranks.items():
        cells = sum(10000 * (r + 1) for r in members)
        wanted[label, MAIN] = (len(members), cells)
        if 2 in members:
            wanted[label, ("main", "only")] = (1, 5000)
    assert read.types == [("count", "count"), ("cells", "count")]
    assert read.samples == wanted
