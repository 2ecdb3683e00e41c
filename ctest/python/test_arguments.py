"""`timemory-config` and the other ways to the settings from a command line."""

import re
import sys

import pytest
from conftest import ROOT

SCRIPT = """
    import argparse, sys, timemory
    parser = argparse.ArgumentParser("example")
    parser.add_argument("-n", default=15, type=int, help="Starting value")
    assert timemory.add_arguments(parser{given}) is parser
    args = parser.parse_args()
    settings = timemory.settings
    print(args.n, settings.precision, settings.text_output, settings.output_path)
    """


def test_the_help_of_the_walkthrough(run):
    """All bytes, as argparse of Python 3.8 prints them."""
    ended = run(
        """
        import argparse, timemory
        timemory.settings.scientific = True
        timemory.settings.flat_profile = True
        timemory.settings.timeline_profile = True
        timemory.settings.cout_output = False
        parser = argparse.ArgumentParser("example")
        timemory.add_arguments(parser)
        parser.parse_args()
        """,
        "timemory-config",
        "-h",
        name="intermediate.py",
        environment={
            "COLUMNS": "80",
            "HOME": "/Users/jrmadsen",
            "TIMEMORY_PYTHON_EXE": "/opt/conda/envs/timemory/bin/python",
        },
    )
    expected = (ROOT / "ctest" / "python" / "walkthrough_help.txt").read_text()
    if sys.version_info >= (3, 9):
        expected = expected.replace("[OPTION=VALUE [OPTION=VALUE ...]]", "[OPTION=VALUE ...]")
    if sys.version_info >= (3, 10):
        expected = expected.replace("optional arguments:", "options:")
    if sys.version_info >= (3, 13):
        expected = re.sub(r"(?m)^  (--?\S+) VALUE, (?=--)", r"  \1, ", expected)
        # There is room for the text beside it then.
        expected = re.sub(r"(?m)^(  -C, --config VALUE)\n +", r"\1    ", expected)
    assert ended.out == expected
    assert ended.err == ""
    # Nothing was measured, so nothing is written.
    assert [path.name for path in ended.folder.iterdir()] == ["intermediate.py"]


def test_every_setting_with_a_spelling_has_an_option(run):
    ended = run(
        """
        import argparse, json, timemory
        from timemory._timemory import describe_settings
        parser = argparse.ArgumentParser()
        timemory.add_arguments(parser)
        command = parser._subparsers._group_actions[0].choices["timemory-config"]
        actions = {o: a for a in command._actions for o in a.option_strings}
        count = 0
        for name, env, kind, standard, group, description, spellings, choices in describe_settings():
            for option in spellings.split():
                action = actions[option]
                assert action.help == f"{description} [env: {env}, type: {kind}]".replace("%", "%%")
                assert action.metavar == "VALUE" and action.type is str and isinstance(action.default, str)
                count += 1
        print(count)
        """
    )
    assert int(ended.out) > 70


def test_values_are_assigned_when_they_are_parsed(run):
    script = SCRIPT.format(given="")
    assert run(script).out == "15 -1 True timemory-program-output\n"
    given = "-n 20 timemory-config --precision=4 --text-output off --output-path mine".split()
    assert run(script, *given).out == "20 4 False mine\n"
    # The command line wins over the environment.
    ended = run(
        script, "timemory-config", "--precision", "3", environment={"TIMEMORY_PRECISION": "9"}
    )
    assert ended.out.startswith("15 3 ")


def test_any_setting_by_args(run):
    script = SCRIPT.format(given="")
    ended = run(script, "timemory-config", "--args", "precision=5", "TIMEMORY_TEXT_OUTPUT=off")
    assert ended.out.startswith("15 5 False ")
    ended = run(
        script, "timemory-config", "--args", "precision=2; text-output=no output_path=a:b;c"
    )
    assert ended.out == "15 2 False a:b;c\n"
    script = "timemory.settings.max_paths, timemory.settings.timing_precision"
    ended = run(
        f"""
        import argparse, timemory
        parser = argparse.ArgumentParser()
        timemory.timemory_argparse(parser)
        parser.parse_args()
        print({script})
        """,
        *"timemory-config --args max_paths=77 timing_precision=9".split(),
    )
    assert ended.out == "77 9\n"


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("--precision many", "setting 'precision': 'many' is not a whole number; keeping -1"),
        ("--text-output maybe", "setting 'text_output': 'maybe' is not a truth value"),
        ("--args precison=3", "there is no setting 'precison'; the nearest name is 'precision'"),
        ("--args recision=3", "there is no setting 'recision'; the nearest name is 'precision'"),
        ("--args precision", "--args: 'precision' is not of the form NAME=VALUE"),
        ("--args precision=3 width=x", "setting 'width': 'x' is not a whole number; keeping -1"),
        ("--mpi-thread-type some", "setting 'mpi_thread_type': 'some' is none of single|"),
        ("-C nowhere.cfg", "setting 'config_file': 'nowhere.cfg' has errors, which stand above"),
    ],
)
def test_what_is_wrong_ends_with_the_usage(run, given, message):
    ended = run(SCRIPT.format(given=""), "timemory-config", *given.split(), fails=True)
    assert ended.code == 2 and ended.out == ""
    assert ended.err.startswith(("usage: example timemory-config ", "timemory: "))
    last = ended.err.splitlines()[-1]
    assert last.startswith(f"example timemory-config: error: {message}")


def test_a_configuration_file_loses_against_options(run, tmp_path):
    (tmp_path / "job.cfg").write_text("precision = 6\ntext_output = off\n")
    for given in ("-C job.cfg --precision 4", "--precision 4 --config=job.cfg"):
        ended = run(SCRIPT.format(given=""), "timemory-config", *given.split())
        assert ended.out.startswith("15 4 False ")
    ended = run(
        SCRIPT.format(given=""), *"timemory-config --no-config on -C job.cfg".split(), fails=True
    )
    assert ended.out.startswith("15 -1 True ")


def test_options_of_the_program_itself(run):
    script = SCRIPT.format(given=", subparser=None")
    ended = run(script, "--timemory-precision", "4", "--timemory-args", "text_output=off")
    assert ended.out.startswith("15 4 False ")
    ended = run(script, "--precision", "4", fails=True)
    assert ended.code == 2 and "unrecognized arguments: --precision 4" in ended.err
    # The program's parser has sub-commands and options of its own.
    ended = run(
        """
        import argparse, timemory
        parser = argparse.ArgumentParser()
        parser.add_argument("-C", "--verbose", default="mine")
        commands = parser.add_subparsers(dest="command")
        commands.add_parser("other")
        timemory.add_arguments(parser)
        args = parser.parse_args()
        print(args.command, args.verbose, timemory.settings.verbose)
        """,
        *"--verbose 7 timemory-config --verbose 3".split(),
    )
    assert ended.out == "timemory-config 7 3\n"
    ended = run(
        """
        import argparse, timemory
        parser = argparse.ArgumentParser()
        command = parser.add_subparsers().add_parser("tune")
        timemory.add_arguments(parser, command)
        parser.parse_args()
        print(timemory.settings.precision)
        """,
        *"tune --precision 3".split(),
    )
    assert ended.out == "3\n"


def test_a_selection_and_a_copy(run):
    ended = run(
        """
        import argparse, timemory
        settings, copy = timemory.settings, timemory.settings()
        parser = argparse.ArgumentParser()
        settings.add_argparse(parser, copy, selection=["precision", "TIMEMORY_WIDTH", "--scientific"])
        parser.parse_args("timemory-config --precision 3 --width 4 --scientific on".split())
        print(copy.precision, copy.width, copy.scientific, settings.precision, settings.width)
        try: parser.parse_args("timemory-config --verbose 3".split())
        except SystemExit as e: print(e.code)
        try: settings.add_arguments(argparse.ArgumentParser(), selection=["precison"])
        except ValueError as e: print(e)
        """
    )
    assert ended.out.splitlines() == [
        "3 4 True -1 -1",
        "2",
        "there is no setting 'precison'; the nearest name is 'precision'",
    ]


def test_timemory_options(run):
    ended = run(
        """
        import sys, timemory
        from timemory import options
        assert options.echo_dart is False and options.ctest_notes is False
        options.echo_dart = options.ctest_notes = True
        assert timemory.settings.dart_output is True and timemory.settings.ctest_notes is True
        options.safe_mkdir("a/b"), options.safe_mkdir("a/b"), options.safe_mkdir("")
        args, rest = options.add_args_and_parse_known()
        print(timemory.settings.precision, options.matplotlib_backend, rest, sys.argv[1:])
        args = options.parse_args(options.add_arguments(fname="some_name.py"), ["--timemory-width=7"])
        print(timemory.settings.width, timemory.settings.output_path)
        """,
        *"--timemory-precision 3 other --timemory-mpl-backend agg".split(),
    )
    assert ended.out.splitlines() == [
        "3 agg ['other'] ['other']",
        "7 timemory-some-name-output",
    ]
    assert (ended.folder / "a" / "b").is_dir()
