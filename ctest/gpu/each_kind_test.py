"""Removes each kind of record from the conversion, one at a time: a test must fail each time.

each_kind_test.py --compiler C++ --flags FLAGS --source FILE --objects FILE... --libraries WORD...
    --run WORD...

Compiles a copy of conversion.cpp without the kind, links it with the other objects of the test
program, runs it, and prints which tests failed.
"""

import argparse
import os
import pathlib
import re
import shlex
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor

parser = argparse.ArgumentParser()
parser.add_argument("--compiler", required=True)
parser.add_argument("--flags", required=True)
parser.add_argument("--source", type=pathlib.Path, required=True)
parser.add_argument("--objects", required=True, help="a list with semicolons")
parser.add_argument("--libraries", required=True, help="words, as a shell has them")
parser.add_argument("--run", nargs="*", default=[], help="arguments of the test program")
options = parser.parse_args()

source = options.source.read_text()
KINDS = re.findall(r"case (CUPTI_ACTIVITY_KIND_\w+):", source)
objects = [o for o in options.objects.split(";") if pathlib.Path(o).name != "conversion.cpp.o"]


def failed_tests(scratch, text):
    """Build the test program with this conversion and return the names of the tests that fail."""
    scratch.mkdir()
    file = scratch / "conversion.cpp"
    file.write_text(text)
    program = scratch / "test"
    subprocess.run(
        [
            options.compiler,
            *shlex.split(options.flags),
            "-w",
            f"-I{options.source.parent}",
            str(file),
            *objects,
            "-o",
            str(program),
            *shlex.split(options.libraries),
        ],
        check=True,
    )
    result = subprocess.run(
        [str(program), *options.run], capture_output=True, text=True, timeout=60
    )
    return sorted(set(re.findall(r"\[  FAILED  \] (\w+\.\w+) \(", result.stdout)))


with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(os.cpu_count()) as pool:
    scratch = pathlib.Path(folder)
    if wrong := failed_tests(scratch / "all", source):
        sys.exit(f"FAILED: with all kinds these tests fail already: {wrong}")
    missed = 0
    print(f"{'kind of record that was removed':<48}tests that failed")
    texts = [source.replace(f"case {kind}:", "", 1) for kind in KINDS]
    results = pool.map(failed_tests, [scratch / kind for kind in KINDS], texts)
    for kind, failed in zip(KINDS, results):
        missed += not failed
        shown = ", ".join(failed[:3]) + (f" and {len(failed) - 3} more" if len(failed) > 3 else "")
        print(f"{kind:<48}{shown or 'NONE'}", flush=True)
    print(f"{len(KINDS)} kinds, {missed} of them can be removed unnoticed")
sys.exit(1 if missed or not KINDS else 0)
