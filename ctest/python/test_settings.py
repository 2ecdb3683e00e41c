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
        "timemory: setting 'cupti_device' has no effect: this build has no cupti support"
    ]


def test_a_wrong_value_in_the_environment_is_one_line(run):
    ended = run(
        "import timemory\nwith timemory.util.marker(['wall_clock'], 'x'): pass",
        environment={"TIMEMORY_PRECISION": "many"},
    )
    assert len(ended.err.splitlines()) == 1
    assert "precision" in ended.err and "many" in ended.err
    assert ended.laps() == {("x",): 1}
