"""The tests of mpi4py on one rank of a job, with the outcome of each in a file of the rank's own.

    mpi4py_suite.py <folder of the tests> [<option of their main.py>...]

Writes `outcomes.<rank>`: a line for each test, in the order in which they end. The file is touched at each
part of a test: one that is not for long is of a rank that hangs.
"""

import os
import sys
import unittest

outcomes = None


def file():
    """The file of this rank."""
    global outcomes
    if outcomes is None:
        from mpi4py import MPI

        outcomes = open(f"outcomes.{MPI.COMM_WORLD.rank}", "x", encoding="utf-8")
    return outcomes


def write(test, outcome):
    """Write a line that is there also if the rank never comes back."""
    print(test.id(), outcome, sep="\t", file=file(), flush=True)


class Result(unittest.TextTestResult):
    """Writes what becomes of each test."""

    def startTest(self, test):
        super().startTest(test)
        os.utime(file().fileno())

    def addSuccess(self, test):
        super().addSuccess(test)
        write(test, "passed")

    def addError(self, test, err):
        super().addError(test, err)
        write(test, f"error: {err[0].__name__}")

    def addFailure(self, test, err):
        super().addFailure(test, err)
        write(test, "failed")

    def addSkip(self, test, reason):
        super().addSkip(test, reason)
        write(test, f"skipped: {reason}")

    def addExpectedFailure(self, test, err):
        super().addExpectedFailure(test, err)
        write(test, "failed as expected")

    def addUnexpectedSuccess(self, test):
        super().addUnexpectedSuccess(test)
        write(test, "passed unexpectedly")

    def addSubTest(self, test, subtest, err):
        super().addSubTest(test, subtest, err)
        os.utime(file().fileno())
        if err is not None:  # there are 130,000 others
            write(subtest, f"error: {err[0].__name__}")


if __name__ == "__main__":  # processes that the tests start import it by another name
    sys.path.insert(0, sys.argv[1])
    import main

    main.main(
        module=None,
        argv=["main.py", "--no-builddir", *sys.argv[2:]],
        testRunner=unittest.TextTestRunner(resultclass=Result, verbosity=0),
    )
