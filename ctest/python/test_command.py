"""`timemory run` and `timemory merge`: what the processes of a command measured becomes one result."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time

import pytest

COMMAND = os.environ["COMMAND_UNDER_TEST"]
MERGE = [COMMAND, "run", "--merge", "--output", "out", "--"]
WORK = ("work",)

# `work.py N`: N laps, once more for what is in OWN_RANK.
WORKER = """
import os, sys
from timemory.util import marker
for _ in range(int(sys.argv[1]) + int(os.environ.get(sys.argv[2], 0) if len(sys.argv) > 2 else 0)):
    with marker(["wall_clock"], key="work"):
        pass
"""

# Starts `work.py 1 RANK` four times as a launcher does, whose names are its arguments.
LAUNCHER = """
import os, subprocess, sys
rank, size, *more = sys.argv[1:]
started = []
for i in range(4):
    own = {rank: str(i), size: "4", **dict(x.split("=") for x in more)}
    own = {**os.environ, **own}
    started.append(subprocess.Popen([sys.executable, "work.py", "1", rank], env=own))
sys.exit(max(p.wait() for p in started))
"""


def document(ended, name="wall.json", folder="out"):
    (metric,) = json.loads((ended.folder / folder / name).read_text())["timemory"].values()
    return metric


def laps(ended, folder="out"):
    """Laps of `work` and the number of ranks that have it."""
    (rank,) = document(ended, folder=folder)["ranks"]
    (row,) = rank["graph"]
    assert row["prefix"] == ">>> work"
    return row["entry"]["laps"], row["ranks"]["count"] if "ranks" in row else 1


def profiles(ended, folder="out"):
    return sorted(p.name for p in (ended.folder / folder).glob("*.timemory"))


@pytest.fixture
def launched(run, tmp_path):
    """A job of a launcher without MPI that ran with `timemory run --merge`."""

    def launch(*names, **options):
        (tmp_path / "work.py").write_text(WORKER)
        return run(LAUNCHER, *names, command=[*MERGE, sys.executable, "program.py"], **options)

    return launch


@pytest.mark.parametrize(
    "names",
    [
        ("RANK", "WORLD_SIZE"),
        ("RANK", "WORLD_SIZE", "TORCHELASTIC_RUN_ID=none", "SLURM_PROCID=0"),
        ("SLURM_PROCID", "SLURM_STEP_NUM_TASKS", "SLURM_JOB_ID=7", "SLURM_STEP_ID=2"),
        ("PMI_RANK", "PMI_SIZE"),
        ("OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_SIZE"),
    ],
)
def test_ranks_of_a_launcher_without_mpi(launched, names):
    ended = launched(*names)
    assert ended.out == ""
    assert "| >>> work |     10 |" in ended.err
    assert laps(ended) == (1 + 2 + 3 + 4, 4)
    assert [re.match(r"profile-(\d)-pid", name).group(1) for name in profiles(ended)] == list(
        "0123"
    )


def test_a_second_run_in_the_same_folder_counts_only_its_own(launched):
    launched("RANK", "WORLD_SIZE")
    ended = launched("RANK", "WORLD_SIZE")
    assert laps(ended) == (10, 4)
    assert len(profiles(ended)) == 8


def test_processes_of_a_rank_are_one_value_of_it(run, tmp_path):
    (tmp_path / "work.py").write_text(
        WORKER + "import subprocess\n"
        "if len(sys.argv) > 2: subprocess.run([sys.executable, 'work.py', '100'], check=True)\n"
    )
    ended = run(LAUNCHER, "RANK", "WORLD_SIZE", command=[*MERGE, sys.executable, "program.py"])
    assert laps(ended) == (10 + 4 * 100, 4)
    assert "8 processes are folded into the ranks that they belong to: 0-3" in ended.err


def test_a_pool_of_multiprocessing(run):
    source = """
        import multiprocessing
        from timemory.util import marker

        def work(n):
            for _ in range(n):
                with marker(["wall_clock"], key="work"):
                    pass
            return n

        if __name__ == "__main__":
            work(100)
            with multiprocessing.Pool(3) as pool:
                print(sum(pool.map(work, range(1, 11), chunksize=1)))
                pool.close()
                pool.join()
    """
    ended = run(source, command=[*MERGE, sys.executable, "program.py"])
    assert ended.out == "55\n"
    assert laps(ended) == (155, len(profiles(ended)))


def test_a_tree_of_forks_and_execs(run, tmp_path):
    (tmp_path / "work.py").write_text(WORKER)
    source = """
        import os, subprocess, sys
        from timemory.util import marker

        def work(n):
            for _ in range(n):
                with marker(["wall_clock"], key="work"):
                    pass

        work(1)
        child = os.fork()
        if child == 0:
            work(10)
            subprocess.run([sys.executable, "work.py", "100"], check=True)
            sys.exit(0)
        assert os.waitpid(child, 0)[1] == 0
        subprocess.run(["sh", "-c", f"{sys.executable} work.py 1000"], check=True)
    """
    ended = run(source, command=[*MERGE, sys.executable, "program.py"])
    assert laps(ended) == (1111, 4)


def test_the_output_and_exit_code_are_those_of_the_command(tmp_path):
    def done(*command, **options):
        return subprocess.run(
            command, cwd=tmp_path, capture_output=True, text=True, timeout=60, **options
        )

    script = "cat; echo said >&2; exit 7"
    bare = done("sh", "-c", script, input="through\n")
    run = done(COMMAND, "run", "--", "sh", "-c", script, input="through\n")
    said, values = times(run.stderr)
    assert (run.stdout, said, run.returncode) == (bare.stdout, bare.stderr, 7)
    assert list(values) == TIMES
    run = done(COMMAND, "run", "--quiet", "--", "sh", "-c", script, input="through\n")
    assert (run.stdout, run.stderr, run.returncode) == (bare.stdout, bare.stderr, 7)
    # Without --, and with options of the command that are ours too.
    run = done(COMMAND, "run", "-q", "sh", "-c", 'echo "$@"', "sh", "--merge", "--quiet")
    assert (run.stdout, run.stderr) == ("--merge --quiet\n", "")
    run = done("sh", "-c", f"{COMMAND} run -- seq 100000 | head -n 1")
    assert (run.stdout, times(run.stderr)[0]) == ("1\n", "")

    run = done(COMMAND, "run", "--", "there-is-no-such-command")
    assert run.returncode == 127
    assert run.stderr == (
        "timemory: cannot run 'there-is-no-such-command': No such file or directory\n"
    )
    run = done(COMMAND, "run", "--", "/etc/passwd")
    assert run.returncode == 126
    assert run.stderr == "timemory: cannot run '/etc/passwd': Permission denied\n"
    run = done(COMMAND, "run", "--", "sh", "-c", "kill -USR2 $$")
    assert run.returncode == -signal.SIGUSR2
    assert times(run.stderr)[0] == ""
    for wrong in (["run"], ["run", "--marge", "--", "true"], ["rum"], []):
        run = done(COMMAND, *wrong)
        assert run.returncode == 2
        assert run.stdout == ""
        assert len(run.stderr.splitlines()) == 1


TIMES = [
    *("wall", "user", "sys", "cpu", "cpu_util", "peak_rss", "minor_page_flts", "major_page_flts"),
    *("vol_cxt_swch", "prio_cxt_swch", "read_char", "written_char", "read_bytes", "written_bytes"),
]


def times(stderr):
    """What stands before the one table of `timemory run`, and its values by metric."""
    said, table = re.fullmatch(r"((?:[^|].*\n)*)((?:\|.*\|\n)+)", stderr).groups()
    assert table.count("METRIC") == 1
    rows = [line.strip("|\n").split(" | ") for line in table.splitlines() if " | " in line]
    return said, {row[0].strip(): float(row[1]) for row in rows[1:]}


def test_what_a_command_takes(tmp_path):
    """As time(1) and the shell have it: the command with all that it waited for."""
    (tmp_path / "work.py").write_text(
        "import time\n"
        "begin = time.process_time()\n"
        "while time.process_time() - begin < 0.3: pass\n"
        "block = bytearray(60_000_000)\n"
        "for i in range(0, len(block), 4096): block[i] = 1\n"
        "with open('file', 'wb') as file: file.write(block[:7_000_000])\n"
        "time.sleep(0.2)\n"
    )
    done = subprocess.run(
        [COMMAND, "run", "--", "sh", "-c", f"{sys.executable} work.py; exit 4"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert (done.returncode, done.stdout) == (4, "")
    said, values = times(done.stderr)
    assert said == ""
    assert values["wall"] >= 0.5
    assert values["cpu"] >= 0.3
    assert values["cpu"] == pytest.approx(values["user"] + values["sys"], abs=2e-6)
    assert values["cpu_util"] == pytest.approx(100 * values["cpu"] / values["wall"], abs=0.1)
    assert 60 <= values["peak_rss"] < 300
    assert values["minor_page_flts"] >= 60_000_000 // 4096
    assert values["written_char"] == pytest.approx(7, abs=0.1)
    assert values["vol_cxt_swch"] >= 1


def on_one_node(job, size, arenas):
    """The environment of Open MPI's ranks, less the rank itself."""
    return {
        **{k: v for k, v in os.environ.items() if not k.startswith("TIMEMORY_")},
        "PMIX_NAMESPACE": job,
        "OMPI_COMM_WORLD_SIZE": str(size),
        "OMPI_COMM_WORLD_LOCAL_SIZE": str(size),
        "TIMEMORY_ARENA_PATH": str(arenas),
    }


def test_ranks_of_a_launcher_share_one_table(tmp_path):
    """Behind a launcher the last to end shows all of them, in whatever order they begin and end."""
    for round_, delays in enumerate([(0, 0, 0, 0), (0.3, 0.2, 0.1, 0), (0, 0.1, 0.2, 0.3)]):
        environment = on_one_node(f"test-{os.getpid()}-{round_}", 4, tmp_path)
        started = []
        for rank, delay in enumerate(delays):
            script = f"echo out of {rank}; sleep {delay}; exit {rank}"
            started.append(
                subprocess.Popen(
                    [COMMAND, "run", "--", "sh", "-c", script],
                    env={**environment, "OMPI_COMM_WORLD_RANK": str(rank)},
                    stdout=subprocess.PIPE,
                    stderr=subprocess.PIPE,
                    text=True,
                )
            )
        ends = [process.communicate(timeout=60) for process in started]
        assert [p.returncode for p in started] == [0, 1, 2, 3]
        assert [out for out, _ in ends] == [f"out of {rank}\n" for rank in range(4)]
        (table,) = [error for _, error in ends if error]
        assert "ranks 0-3" in table
        rows = {line.split("|")[1].strip(): line.split("|")[2:-1] for line in table.splitlines()}
        wall = [cell.strip() for cell in rows["wall"]]
        assert wall[0] == "sec"
        assert float(wall[1]) >= sum(delays)
        assert float(wall[5]) >= max(delays)
        if max(delays) > 0:
            assert int(wall[6]) == delays.index(max(delays))
        assert list(tmp_path.iterdir()) == [], "nothing stays behind"


def test_a_rank_that_is_killed_leaves_the_others_a_table(tmp_path):
    environment = on_one_node(f"killed-{os.getpid()}", 3, tmp_path)
    started = [
        subprocess.Popen(
            [COMMAND, "run", "--", "sleep", "0.5"],
            env={**environment, "OMPI_COMM_WORLD_RANK": str(rank)},
            stderr=subprocess.PIPE,
            text=True,
        )
        for rank in range(3)
    ]
    time.sleep(0.2)
    started[1].kill()
    ends = [process.communicate(timeout=60)[1] for process in started]
    (table,) = [error for error in ends if error]
    assert "sleep 0.5, ranks 0, 2" in table
    assert list(tmp_path.iterdir()) == []


def test_a_command_that_is_on_no_rank_leaves_nothing_behind(tmp_path):
    environment = on_one_node(f"absent-{os.getpid()}", 2, tmp_path)
    for rank in range(2):
        done = subprocess.run(
            [COMMAND, "run", "--", "there-is-no-such-command"],
            env={**environment, "OMPI_COMM_WORLD_RANK": str(rank)},
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert done.returncode == 127
        assert done.stderr.startswith("timemory: cannot run ")
        assert done.stderr.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


def test_a_command_that_measures_nothing(run):
    ended = run(None, command=[*MERGE, "sh", "-c", "echo said; exit 3"], fails=True)
    assert (ended.code, ended.out) == (3, "said\n")
    folder = ended.folder / "out"
    assert ended.err == f"timemory: there is nothing to merge: 'sh' left no profile in '{folder}'\n"
    assert not folder.exists()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_goes_to_the_command(tmp_path, number):
    script = f"trap 'echo trapped; exit 5' {int(number)}; echo ready; while :; do sleep 0.05; done"
    process = subprocess.Popen(
        [COMMAND, "run", "--", "sh", "-c", script], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout.readline() == "ready\n"
    process.send_signal(number)
    assert process.stdout.read() == "trapped\n"
    assert process.wait(30) == 5

    process = subprocess.Popen([COMMAND, "run", "--", "sleep", "60"])
    time.sleep(0.3)
    process.send_signal(number)
    assert process.wait(30) == -number


def test_settings_on_the_command_line_reach_the_command(run):
    source = "import timemory\nprint(timemory.settings.precision, timemory.settings.output_path)"
    options = ["--timemory-precision=5", "--output", "here"]
    ended = run(source, command=[COMMAND, "run", *options, "--", sys.executable, "program.py"])
    assert ended.out.split() == ["5", str(ended.folder / "here")]
    assert times(ended.err)[0] == ""


def test_merge_stands_in_front_of_the_launcher(run):
    ended = run(
        "print('ran')",
        command=[*MERGE, sys.executable, "program.py"],
        environment={"RANK": "1", "WORLD_SIZE": "2"},
        fails=True,
    )
    assert ended.code == 2
    assert ended.out == ""
    assert "in front of the launcher" in ended.err


class TestMerge:
    """`timemory merge` of what a job has left."""

    @pytest.fixture
    def job(self, launched):
        """The job, and a function that merges its folder again."""
        ended = launched("RANK", "WORLD_SIZE")
        for file in (ended.folder / "out").iterdir():
            if file.suffix != ".timemory":
                file.unlink()

        def merge(*arguments, environment=None):
            done = subprocess.run(
                [COMMAND, "merge", *arguments],
                cwd=ended.folder,
                env={**os.environ, **(environment or {})},
                capture_output=True,
                text=True,
                timeout=60,
            )
            return done

        return ended, merge

    def test_gives_the_tables_and_files(self, job):
        ended, merge = job
        done = merge("out")
        assert (done.returncode, done.stderr) == (0, "")
        assert "| >>> work |     10 |" in done.stdout
        assert "Outputting 'out/wall.json'" in done.stdout
        assert laps(ended) == (10, 4)

    def test_names_missing_ranks(self, job):
        ended, merge = job
        names = profiles(ended)
        for name in names[1:3]:
            (ended.folder / "out" / name).unlink()
        done = merge("out")
        assert done.returncode == 0
        assert done.stderr == "timemory: of 4 ranks these are missing: 1-2\n"
        assert laps(ended) == (1 + 4, 2)

    def test_names_a_broken_file_and_merges_the_others(self, job):
        ended, merge = job
        name = profiles(ended)[3]
        file = ended.folder / "out" / name
        file.write_bytes(file.read_bytes()[:-5])
        done = merge("out", "--output", "merged")
        assert done.returncode == 1
        lines = done.stderr.splitlines()
        assert lines[0].startswith(f"timemory: 'out/{name}' is left out: malformed profile: ")
        assert lines[1:] == ["timemory: of 4 ranks these are missing: 3"]
        assert laps(ended, "merged") == (6, 3)

    def test_chooses_one_of_several_jobs(self, job, launched):
        _, merge = job
        ended = launched("RANK", "WORLD_SIZE")
        done = merge("out")
        assert done.returncode == 1
        assert done.stdout == ""
        match = re.fullmatch(
            r"timemory: there are profiles of several jobs; --job chooses one: "
            r"(\w+) \(4 files, as '.*'\), (\w+) \(4 files, as '.*'\)\n",
            done.stderr,
        )
        assert match, done.stderr
        assert merge("out", "--job", match.group(2)).returncode == 0
        assert laps(ended) == (10, 4)
        assert "no profile is of the job 'abc'" in merge("out", "--job", "abc").stderr

    def test_a_merged_profile_is_what_the_parts_are(self, job):
        ended, merge = job
        assert merge("out", "--profile", "all.timemory").returncode == 0
        first = document(ended)
        assert merge("all.timemory", "--output", "again").returncode == 0
        assert document(ended, folder="again") == first
        done = merge("all.timemory", environment={"TIMEMORY_COLLAPSE_PROCESSES": "off"})
        assert done.returncode == 1
        assert "'all.timemory' holds the ranks 0-3 folded into one" in done.stderr
        # With its parts beside it nothing is counted twice.
        shutil.copy(ended.folder / "all.timemory", ended.folder / "out")
        done = merge("out")
        assert (done.returncode, len(done.stderr.splitlines())) == (0, 1)
        assert laps(ended) == (10, 4)

    def test_takes_the_settings(self, job):
        ended, merge = job
        options = ["--timemory-collapse-processes=off", "--timemory-json-output=off"]
        done = merge("out", *options)
        assert done.returncode == 0
        assert "|2>>> work |      3 |" in done.stdout
        assert not (ended.folder / "out/wall.json").exists()
        assert merge("out", environment={"TIMEMORY_COUT_OUTPUT": "off"}).stdout.count("|---") == 0
        done = merge("out", "--timemory-flat-profil=on")
        assert done.returncode == 2
        assert "the nearest is --timemory-flat-profile" in done.stderr

    def test_chooses_components(self, job):
        _, merge = job
        assert merge("out", "--components", "wall_clock").returncode == 0
        done = merge("out", "--components", "peak_rss")
        assert done.returncode == 1
        assert "there are: wall_clock" in done.stderr

    def test_says_when_there_is_nothing(self, job):
        ended, merge = job
        (ended.folder / "empty").mkdir()
        done = merge("empty")
        assert (done.returncode, done.stdout) == (1, "")
        assert "there is no profile (*.timemory) in 'empty'" in done.stderr
        assert merge("absent").stderr == "timemory: there is no 'absent'\n"
        assert merge().returncode == 2


def test_settings_says_what_is_in_force_and_why(tmp_path):
    def settings(*arguments):
        return subprocess.run(
            [COMMAND, "settings", *arguments],
            cwd=tmp_path,
            env={**os.environ, "TIMEMORY_PRECISION": "4"},
            capture_output=True,
            text=True,
            timeout=60,
        )

    everything = settings("--timemory-width=20").stdout
    assert re.search(r"^precision +=  *4 +environment$", everything, re.MULTILINE)
    assert re.search(r"^width +=  *20 +command line$", everything, re.MULTILINE)
    assert re.search(r"^max_depth +=  *\d+ +default$", everything, re.MULTILINE)
    assert settings("precision").stdout.startswith("precision = 4  environment\n")
    assert settings("precisio").returncode == 1
