"""mpi4py in the same process, on one rank; what several do is tested with MPI."""

import pytest

pytest.importorskip("mpi4py")

# Without a launcher, as root, in a container.
ENVIRONMENT = {"OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1"}

WORK = """
from timemory.util import marker
@marker(["wall_clock", "peak_rss"])
def work(): return MPI.COMM_WORLD.allreduce(1)
"""


def mpi_size(ended):
    import json

    folder = ended.folder / "timemory-program-output"
    document = json.loads((folder / "wall.json").read_text())
    return document["timemory"]["wall_clock"]["mpi_size"]


@pytest.mark.parametrize(
    "imports",
    ["from mpi4py import MPI\nimport timemory", "import timemory\nfrom mpi4py import MPI"],
)
@pytest.mark.parametrize(
    "end", ["", "timemory.finalize()", "MPI.Finalize()", "MPI.Finalize(); timemory.finalize()"]
)
def test_before_and_after(run, imports, end):
    source = f"{imports}{WORK}for _ in range(3): assert work() == 1\nprint('done')\n{end}\n"
    ended = run(source, environment=ENVIRONMENT)
    assert "done" in ended.out.splitlines()
    assert ended.laps() == {("work",): 3} and ended.laps("peak_rss") == {("work",): 3}
    assert ended.out.count("wall.json") == 1
    assert ended.err == ""


def test_imported_after_the_last_new_region(run):
    ended = run(
        "import timemory\nfrom timemory.util import marker\nwith marker(['wall_clock'], 'x'): pass\n"
        "from mpi4py import MPI\nwith marker(['wall_clock'], 'x'): pass\n",
        environment=ENVIRONMENT,
    )
    assert ended.laps() == {("x",): 2} and ended.err == ""
    assert mpi_size(ended) == 1


def test_a_python_component_is_left_alone_after_the_interpreter(run):
    """The fold comes after the interpreter has gone, with a region still open."""
    ended = run(
        """
        import timemory
        from mpi4py import MPI
        from timemory.util import marker
        timemory.component.register("mine", lambda: 7, kind="high_water")
        with marker(["mine"], "x"): pass
        keep = marker(["mine"], "open")
        keep.start()
        """,
        environment=ENVIRONMENT,
    )
    assert ended.err == "" or "open" in ended.err
    assert ended.entries("mine")[("x",)]["value"] == 7


def test_get_is_local_and_report_collective_on_one_rank(run):
    ended = run(
        """
        from mpi4py import MPI
        import timemory
        from timemory.util import marker
        with marker(["wall_clock"], "x"): pass
        assert list(timemory.get()["timemory"]) == ["wall_clock"]
        timemory.report("first")
        with marker(["wall_clock"], "x"): pass
        """,
        environment=ENVIRONMENT,
    )
    assert ended.laps(output="first") == {("x",): 1}
    assert ended.laps() == {("x",): 2}
