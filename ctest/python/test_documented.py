"""Each name that timemory 3 documents is there, and takes the arguments that are documented.

The declarations below are written as Python has them. A parameter is given by position, and by name if it has
a default value, which is then the documented one.
"""

from __future__ import annotations

import ast
import importlib
import inspect

import pytest

import timemory

MARKER = "key='', add_args=False, is_class=False"
DECLARED = {
    "timemory": """
        report(filename='')
        toggle(on=True)
        enable()
        disable()
        is_enabled()
        enabled()
        has_mpi_support()
        set_rusage_children()
        set_rusage_self()
        initialize(argv=[], prefix='timemory-', suffix='-output')
        init(argv=[], prefix='timemory-', suffix='-output')
        timemory_init(argv=[], prefix='timemory-', suffix='-output')
        finalize()
        timemory_finalize()
        add_arguments(parser, subparser=True)
        timemory_argparse(parser, subparser=True)
        get(hierarchy=False, components=[])
        get_text(components=[])
        clear(components=[])
        size(components=[])
        get_hash(key)
        add_hash_id(key)
        get_hash_identifier(hash)
        mpi_init()
        mpi_finalize()
        upcxx_init()
        upcxx_finalize()
        dmp_init()
        dmp_finalize()
        start_mpip()
        stop_mpip(id)
        start_ompt()
        stop_ompt(id)
        start_ncclp()
        stop_ncclp(id)
        start_mallocp()
        stop_mallocp(id)
        init_mpip()
        init_ompt()
        start_function_wrappers(*names, **flags)
        stop_function_wrappers(ids)
        enable_signal_detection(signals)
        disable_signal_detection()
        set_exit_action(f)
        file
        func
        line
        frame
        FILE
        FUNC
        LINE
        FRAME
        version_info
        version
        build_info
        settings
        """,
    "timemory.settings": """
        parse(instance=None)
        read(file)
        add_arguments(parser, instance=None, subparser=True, selection=[])
        add_argparse(parser, instance=None, subparser=True, selection=[])
        dump(filename='', instance=None)
        compose_output_filename(basename, extension, dmp=False, rank=-1, make_dir=True, explicit='')
        compose_input_filename(basename, extension)
        command_line
        environment
        """,
    "timemory.util": f"""
        marker(components=[], {MARKER}, mode='defer')
        auto_tuple(components=[], {MARKER}, mode='defer')
        auto_timer({MARKER}, report_at_exit=False, mode='defer')
        timer({MARKER}, mode='defer')
        rss_usage({MARKER}, mode='defer')
        """,
    "timemory.timer": "start\nstop\nreport\nreset\nreal_elapsed\nsys_elapsed\nuser_elapsed\nget\nget_raw",
    "timemory.rss_usage": "record\ncurrent\npeak\nget\n__add__\n__sub__",
    "timemory.component_tuple": "push\npop\nstart\nstop\nreport\nreset\nget",
    "timemory.component": """
        wall_clock
        id
        is_available(x)
        get_generator(key)
        get_types()
        get_available_types(arithmetic=False)
        """,
    "timemory.statistics.statistics": """
        count
        min
        max
        mean
        sum
        sqr
        variance
        stddev
        __add__
        __sub__
        """,
    "timemory.manager": """
        add_metadata(label, value)
        get_metadata()
        set_write_metadata(value)
        write_ctest_notes(directory='.', append=False)
        text_files
        json_files
        """,
    "timemory.scope": "config(flat=None, time=None)\nTREE\nFLAT\nTIMELINE",
    "timemory.units": "nsec usec msec sec hr byte kilobyte megabyte gigabyte terabyte petabyte".replace(
        " ", "\n"
    ),
    "timemory.options": """
        echo_dart
        ctest_notes
        matplotlib_backend
        safe_mkdir
        add_arguments
        add_args_and_parse
        add_args_and_parse_known
        parse_args
        """,
    "timemory.region": """
        push(key)
        pop(key)
        begin(key)
        end(id)
        pause()
        resume()
        set_default(components)
        add_components(components)
        remove_components(components)
        push_components(components)
        pop_components()
        """,
    "timemory.trace": """
        init(args='wall_clock', read_command_line=False, cmd='')
        finalize()
        push(key)
        pop(key)
        is_throttled(key)
        """,
    "timemory.profiler": """
        Profiler(components=[], flat=False, timeline=False)
        profile(components=[], flat=False, timeline=False)
        FakeProfiler
        Config
        config
        """,
    "timemory.profiler.Profiler": """
        start
        stop
        run
        runctx
        runcall
        condition
        is_enabled
        """,
    "timemory.profiler.config": """
        trace_c
        include_internal
        include_args
        include_line
        include_filename
        full_filepath
        max_stack_depth
        verbosity
        only_functions
        only_filenames
        skip_functions
        skip_filenames
        """,
    "timemory.tools": "function_wrappers(*names, **flags)",
    "timemory.mpi": """
        mpi_exe_info()
        mpi_c_info()
        mpi_cxx_info()
        is_supported()
        enable_mpip(permit=[], reject=[])
        """,
    "timemory.mpi_support": """
        mpi_exe_info()
        mpi_c_info()
        mpi_cxx_info()
        is_supported()
        enable_mpip(permit=[], reject=[])
        """,
    "timemory.hardware_counters": "Info(name)\npreset",
    "timemory.api": "papi\ncupti\ncuda",
    "timemory.signals": "Signal",
    "timemory.socket": "connect\nsend\nclose\nlisten",
    "timemory.common": """
        popen
        dart_measurement
        dart_measurement_file
        write_ctest_notes
        get_bin_script
        """,
    "timemory.plotting": """
        plot
        plot_maximums
        plot_all
        plot_generic
        read
        plot_data
        timemory_data
        plot_parameters
        embedded_plot
        timem
        """,
    "timemory.analyze": """
        load
        match
        search
        expression
        sort
        group
        add
        subtract
        unify
        dump
        embedded_analyze(args, data)
        """,
}
DECLARED["timemory.bundle"] = DECLARED["timemory.util"]

COMPONENT = """push pop start stop measure mark_begin mark_end reset get get_raw get_value get_accum
    get_last record sample hash key rekey laps __add__ __iadd__ __sub__ __isub__ label description unit
    display_unit id index available has_value configure global_init thread_init global_finalize
    thread_finalize""".split()
STORAGE = """get get_tree dmp_get mpi_get upcxx_get dmp_get_tree mpi_get_tree upcxx_get_tree load
    load_json dumps""".split()


def find(name: str) -> object:
    """A module, or something in one."""
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError:
        above, _, last = name.rpartition(".")
        return getattr(find(above), last)


def declarations() -> list[object]:
    found = []
    for owner, text in DECLARED.items():
        for line in filter(None, map(str.strip, text.splitlines())):
            found.append(pytest.param(owner, line, id=f"{owner}.{line.partition('(')[0]}"))
    return found


@pytest.mark.parametrize(("owner", "declaration"), declarations())
def test_name(owner: str, declaration: str) -> None:
    name, opened, _ = declaration.partition("(")
    value = getattr(find(owner), name)
    if not opened:
        return
    signature = inspect.signature(value)
    (function,) = ast.parse(f"def {declaration}: pass").body
    parameters = function.args.args
    given = [object() for _ in parameters]
    signature.bind(*given)
    needed = len(parameters) - len(function.args.defaults)
    signature.bind(*given[:needed], **{p.arg: None for p in parameters[needed:]})
    for parameter, default in zip(parameters[needed:], function.args.defaults):
        ours = signature.parameters[parameter.arg].default
        documented = ast.literal_eval(default)
        assert ours == documented or (documented == [] and not ours), parameter.arg


def test_settings() -> None:
    own = timemory.settings()
    names = [row[0] for row in timemory._timemory.describe_settings()]
    assert len(names) > 100
    for name in names:
        getattr(timemory.settings, name)
        getattr(own, f"get_{name}")


def test_components_and_their_storage() -> None:
    types = timemory.component.get_types()
    assert len(types) > 60
    for kind in types:
        assert [name for name in COMPONENT if not hasattr(kind, name)] == [], kind
        storage = getattr(timemory.storage, f"{kind.__name__}Storage")
        assert [name for name in STORAGE if not hasattr(storage, name)] == [], storage
        assert kind.available in (True, False)
    assert {member.name for member in timemory.component.id} >= {"wall_clock", "peak_rss"}


def test_what_is_not_built_in_says_so() -> None:
    for module, name in (
        ("papi", "query_event"),
        ("cupti", "available_metrics"),
        ("cuda", "nothing"),
    ):
        owner = find(f"timemory.api.{module}")
        assert owner.is_available() in (True, False)
        with pytest.raises(AttributeError, match=f"timemory.api.{module} has no '{name}': "):
            getattr(owner, name)
