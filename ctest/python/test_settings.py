"""`timemory.settings`."""


def test_values_are_typed(run):
    run(
        """
        import pathlib, timemory
        from timemory import settings
        assert timemory.settings.scientific is False and settings.precision == -1 and settings.output_prefix == ""
        settings.scientific = True
        assert settings.scientific is True
        settings.scientific = "off"
        assert settings.scientific is False
        settings.scientific = 1
        assert settings.scientific is True
        settings.precision = 6
        assert settings.precision == 6 and type(settings.precision) is int
        settings.precision = "7"
        assert settings.precision == 7
        settings.output_path = pathlib.Path("a") / "ü"
        assert settings.output_path == "a/ü"
        assert "scientific" in dir(settings) and "TIMEMORY_SCIENTIFIC" in type(settings).scientific.__doc__
        """
    )


def test_assignment_wins_over_the_environment(run):
    ended = run(
        """
        import timemory
        print(timemory.settings.precision, timemory.settings.max_width)
        timemory.settings.precision = 4
        with timemory.util.marker(["wall_clock"], "x"): pass
        print(timemory.settings.precision, timemory.settings.max_width)
        """,
        environment={"TIMEMORY_PRECISION": "9", "TIMEMORY_MAX_WIDTH": "99"},
    )
    assert ended.out.splitlines()[:2] == ["9 99", "4 99"]


def test_what_is_not_accepted(run):
    ended = run(
        """
        from timemory import settings
        def wrong(name, *value):
            try: setattr(settings, name, *value) if value else getattr(settings, name)
            except Exception as e: print(type(e).__name__, e)
            else: print("accepted")
        wrong("scientific", "maybe")
        wrong("scientific", None)
        wrong("precision", 1.5)
        wrong("precision", "many")
        wrong("output_path", 5)
        wrong("scientifc", True)
        wrong("no_such_setting", 3)
        wrong("scientifc")
        try: del settings.scientific
        except AttributeError as e: print(e)
        print(settings.scientific, settings.precision)
        """
    )
    lines = ended.out.splitlines()
    truth = "is not a truth value (on, off, true, false, yes, no, y, n, t, f or a whole number)"
    assert lines[0] == f"ValueError setting 'scientific': 'maybe' {truth}; keeping false"
    assert lines[1] == "ValueError setting 'scientific': None is not a truth value"
    assert lines[2] == "ValueError setting 'precision': '1.5' is not a whole number; keeping -1"
    assert lines[3] == "ValueError setting 'precision': 'many' is not a whole number; keeping -1"
    assert lines[4] == "ValueError setting 'output_path': 5 is not a string or path"
    assert (
        lines[5]
        == "AttributeError there is no setting 'scientifc'; the nearest name is 'scientific'"
    )
    assert lines[6].startswith(
        "AttributeError there is no setting 'no_such_setting'; the nearest name is "
    )
    assert (
        lines[7]
        == "AttributeError there is no setting 'scientifc'; the nearest name is 'scientific'"
    )
    assert lines[8] == "setting 'scientific' can't be deleted"
    assert lines[9] == "False -1"
    assert ended.err == ""


def test_a_setting_that_the_build_does_not_support_is_accepted(run):
    ended = run("import timemory\ntimemory.settings.cupti_device = 1\nprint('goes on')")
    assert ended.out == "goes on\n"
    assert ended.err.splitlines() == [
        "timemory: setting 'cupti_device' has no effect: "
        "this build has no CUPTI counter and sampling support"
    ]


def test_a_wrong_value_in_the_environment_is_one_line(run):
    ended = run(
        "import timemory\nwith timemory.util.marker(['wall_clock'], 'x'): pass",
        environment={"TIMEMORY_PRECISION": "many"},
    )
    assert len(ended.err.splitlines()) == 1
    assert "precision" in ended.err and "many" in ended.err
    assert ended.laps() == {("x",): 1}


def test_explain_says_where_values_come_from(run, tmp_path):
    (tmp_path / "job.cfg").write_text("# mine\nprecision = 4\n")
    ended = run(
        """
        import argparse, timemory
        parser = argparse.ArgumentParser()
        timemory.add_arguments(parser)
        parser.parse_args("timemory-config --max-width 50".split())
        timemory.settings.verbose = 2
        for line in timemory.settings.explain().splitlines():
            words = line.split()
            if words and words[0] in ("precision", "width", "max_width", "verbose", "debug"):
                print(*words)
        """,
        environment={"TIMEMORY_CONFIG_FILE": "job.cfg", "TIMEMORY_WIDTH": "12"},
    )
    rows = dict(line.split(" = ", 1) for line in ended.out.splitlines())
    assert rows["precision"].startswith("4") and "job.cfg:2" in rows["precision"]
    assert rows["width"].startswith("12") and "environment" in rows["width"]
    assert rows["max_width"].startswith("50") and "command line" in rows["max_width"]
    assert rows["verbose"].startswith("2") and "code" in rows["verbose"]
    assert rows["debug"].startswith("false") and "default" in rows["debug"]


def test_parse_takes_the_environment_again(run):
    ended = run(
        """
        import os, timemory
        from timemory import settings
        copy = settings()
        settings.flat_profile = False
        os.environ["TIMEMORY_FLAT_PROFILE"] = "ON"
        os.environ["TIMEMORY_PRECISION"] = "many"
        settings.parse()
        assert settings.flat_profile is True and settings.precision == -1
        assert copy.flat_profile is False
        os.environ["TIMEMORY_PRECISION"] = "3"
        settings.parse(copy)
        assert copy.flat_profile is True and copy.precision == 3 and settings.precision == -1
        settings.suppress_parsing = True
        settings.parse()
        assert settings.precision == -1
        assert "TIMEMORY_PRECISION=3" in settings.environment
        assert settings.command_line == ["program.py", "a", "b"]
        settings.command_line = ["mine", 1]
        assert settings.command_line == ["mine", "1"]
        """,
        "a",
        "b",
    )
    assert ended.err == (
        "timemory: TIMEMORY_PRECISION: setting 'precision': 'many' is not a whole number; keeping -1\n"
    )


def test_a_copy_changes_nothing_else(run):
    ended = run(
        """
        from timemory import settings
        copy = settings()
        copy.precision = 3
        copy.scientific = "on"
        copy.output_path = "mine"
        assert (copy.precision, copy.scientific, copy.output_path) == (3, True, "mine")
        assert (copy.get_precision, settings.get_precision, settings.precision) == (3, -1, -1)
        def wrong(name, value):
            try: setattr(copy, name, value)
            except Exception as e: print(type(e).__name__, e)
        wrong("precision", "many")
        wrong("scientific", "maybe")
        wrong("max_depth", -1)
        wrong("output_path", 5)
        wrong("precison", 1)
        try: copy.precison
        except AttributeError as e: print(e)
        assert "precision" in dir(copy) and copy.precision == 3
        """
    )
    assert ended.out.splitlines() == [
        "ValueError setting 'precision': 'many' is not a whole number",
        "ValueError setting 'scientific': 'maybe' is not a truth value"
        " (on, off, true, false, yes, no, y, n, t, f or a whole number)",
        "ValueError setting 'max_depth': '-1' is not between 0 and 65535",
        "ValueError setting 'output_path': 5 is not a string or path",
        "AttributeError there is no setting 'precison'; the nearest name is 'precision'",
        "there is no setting 'precison'; the nearest name is 'precision'",
    ]


def test_push_and_pop(run):
    run(
        """
        from timemory import settings
        settings.precision = 3
        settings.push()
        settings.precision, settings.scientific = 5, True
        settings.push()
        settings.precision = 6
        settings.pop()
        assert (settings.precision, settings.scientific) == (5, True)
        settings.pop()
        assert (settings.precision, settings.scientific) == (3, False)
        try: settings.pop()
        except IndexError as e: assert "nothing was pushed" in str(e)
        else: assert False
        """
    )


def test_what_is_dumped_can_be_read(run):
    ended = run(
        """
        import json, timemory
        from timemory import settings
        copy = settings()
        copy.precision, copy.scientific, copy.output_prefix = 7, True, "p"
        document = settings.dump("config.json", copy)
        assert json.load(open("config.json")) == document
        row = document["timemory"]["settings"]["TIMEMORY_PRECISION"]
        assert row == {"name": "precision", "environ": "TIMEMORY_PRECISION", "count": 1, "max_count": 1,
                       "description": "Set the global output precision for components",
                       "cmdline": ["--timemory-precision"], "data_type": "short", "initial": -1, "value": 7}
        assert settings.dump()["timemory"]["settings"]["TIMEMORY_PRECISION"]["value"] == -1
        assert settings.read("config.json") is True
        print(settings.precision, settings.scientific, settings.output_prefix)
        open("job.cfg", "w").write("precision = 2\\nwidth = wide\\n")
        assert settings.read("job.cfg") is False
        print(settings.precision, settings.width)
        """
    )
    assert ended.out.splitlines() == ["7 True p", "2 -1"]
    assert len(ended.err.splitlines()) == 1 and "job.cfg:2" in ended.err and "wide" in ended.err


def test_the_names_of_files(run):
    ended = run(
        """
        import os, timemory
        from timemory import settings
        compose = settings.compose_output_filename
        assert compose("wall", ".json") == "timemory-program-output/wall.json"
        assert os.path.isdir("timemory-program-output")
        assert compose("wall", "txt", explicit="a/b", make_dir=False) == "a/b/wall.txt"
        assert not os.path.exists("a")
        assert compose("wall", ".txt", True, 3) == "timemory-program-output/wall-3.txt"
        assert compose("wall", ".txt", False, 3) == "timemory-program-output/wall.txt"
        settings.output_prefix = "run1"
        assert compose("wall", ".json") == "timemory-program-output/run1-wall.json"
        composed = settings.compose_input_filename
        assert composed("wall", ".json") == "timemory-program-output/run1-wall.json"
        settings.input_path, settings.input_prefix = "before", "old-"
        assert composed("wall", ".json") == "before/old-wall.json"
        with timemory.util.marker(["wall_clock"], "x"): pass
        timemory.finalize()
        assert os.path.exists(compose("wall", ".json"))
        """
    )
    assert ended.err == ""
