"""One installation serves programs of two MPIs: libtimemory.so chooses the communicator at run time.

one_installation_test.py <ranks> <build folder> <build folder with another MPI>
"""

import os
import pathlib
import subprocess
import sys

from job import Folder, Run, by_path, check, check_equal, load, rows

ranks = int(sys.argv[1])
trees = [pathlib.Path(argument) for argument in sys.argv[2:4]]
SONAMES = {"libmpi.so.40": "openmpi", "libmpich.so.12": "mpich", "libmpi.so.12": "mpich"}

if not (trees[1] / "bin/mpi-faults").exists():
    print(f"{trees[1]} is not built")
    sys.exit(77)


def cached(tree, name):
    """The value of a variable in CMakeCache.txt."""
    for line in (tree / "CMakeCache.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith(name + ":"):
            return line.split("=", 1)[1]
    raise KeyError(name)


def install(tree, prefix, *options):
    done = subprocess.run(
        ["cmake", "--install", tree, "--prefix", prefix, *options], capture_output=True, text=True
    )
    check_equal(done.returncode, 0, f"cmake --install {tree}: {done.stderr}")


def needs(program, libraries):
    """The libraries that the program would be run with: name -> path."""
    listed = subprocess.run(
        ["ldd", program],
        env={**os.environ, "LD_LIBRARY_PATH": str(libraries)},
        capture_output=True,
        text=True,
        check=True,
    )
    lines = [line.split() for line in listed.stdout.splitlines() if "=>" in line]
    return {words[0]: pathlib.Path(words[2]) for words in lines}


def run(tree, folder, libraries, name):
    """Runs the tree's program with the installed library."""
    command = [cached(tree, "MPIEXEC_EXECUTABLE"), "-n", ranks, tree / "bin/mpi-faults", "plain"]
    settings = {
        "LD_LIBRARY_PATH": str(libraries),
        "TIMEMORY_OUTPUT_PATH": name,
        "TIMEMORY_COUT_OUTPUT": "off",
    }
    return Run(command, folder, settings).check_status()


def check_folded(job, folder, name):
    check_equal(job.our_lines, [], f"lines on stderr, {name}")
    check_equal(load(folder / name / "wall.json")["mpi_size"], ranks, f"mpi_size, {name}")
    work = by_path(rows(folder / name / "wall.json")[0])["work"]
    check_equal(work.laps, 10 * ranks, f"laps, {name}")
    check_equal(work.over_ranks["count"], ranks, f"ranks, {name}")


with Folder() as folder:
    # As a user would: all of one build, and of the other what belongs to its MPI.
    prefix = folder / "prefix"
    install(trees[1], prefix)
    install(trees[0], prefix, "--component", "mpi")
    libraries = prefix / cached(trees[1], "CMAKE_INSTALL_LIBDIR")

    flavours = []
    for tree in trees:
        needed = needs(tree / "bin/mpi-faults", libraries)
        check_equal(needed["libtimemory.so.4"].parent, libraries, f"libtimemory of {tree}")
        flavours += [SONAMES[name] for name in needed if name in SONAMES]
    check_equal(sorted(flavours), ["mpich", "openmpi"], "the programs' MPIs")
    check_equal(
        sorted(f.name for f in libraries.glob("libtimemory-mpi-*.so")),
        [f"libtimemory-mpi-{flavour}.so" for flavour in sorted(flavours)],
        "communicators",
    )

    for tree, flavour in zip(trees, flavours):
        check_folded(run(tree, folder, libraries, flavour), folder, flavour)

    # Without its communicator one says so, and the other does not notice.
    (libraries / f"libtimemory-mpi-{flavours[0]}.so").unlink()
    lines = run(trees[0], folder, libraries, "alone").our_lines
    check_equal(len(lines), 1, f"lines on stderr: {lines}")
    check(
        lines[0].startswith(f"timemory: cannot open libtimemory-mpi-{flavours[0]}.so"),
        f"what is {lines[0]}",
    )
    check_folded(run(trees[1], folder, libraries, "other"), folder, "other")
