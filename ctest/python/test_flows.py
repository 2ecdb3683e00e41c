"""Generators, coroutines and tasks: what counts, and what nests in what. Child processes."""

import pytest

BUSY = """
import asyncio, time, timemory
from timemory.util import marker
def busy(seconds):
    end = time.thread_time() + seconds
    while time.thread_time() < end: pass
"""


def test_active_clocks_count_only_while_a_generator_runs(run):
    ended = run(
        BUSY
        + """
@marker(["wall_clock", "thread_cpu_clock", "cpu_util", "peak_rss"])
def numbers(n):
    for i in range(n):
        busy(0.01)
        yield i
for _ in numbers(3): busy(0.05)
"""
    )
    wall = ended.entries("wall")[("numbers",)]["value"]
    cpu = ended.entries("thread_cpu")[("numbers",)]["value"]
    assert wall >= 180_000_000
    assert 30_000_000 <= cpu < 60_000_000
    # What it used over the time that has passed.
    parts = ended.entries("cpu_util")[("numbers",)]["value"]
    assert parts["first"] < 90_000_000 and abs(parts["second"] - wall) < 50_000_000
    assert ended.entries("peak_rss")[("numbers",)]["value"] > 4_000_000
    assert ended.laps() == {("numbers",): 1}


def test_active_clocks_count_only_while_a_coroutine_runs(run):
    ended = run(
        BUSY
        + """
@marker(["wall_clock", "thread_cpu_clock"])
async def some(n):
    for _ in range(n):
        busy(0.01)
        await asyncio.sleep(0.01)
async def main(): await asyncio.gather(some(2), some(4))
asyncio.run(main())
"""
    )
    assert ended.entries("wall")[("some",)]["value"] >= 90_000_000
    cpu = ended.entries("thread_cpu")[("some",)]["value"]
    assert 60_000_000 <= cpu < 100_000_000
    assert ended.laps() == {("some",): 2}


def test_many_generators_leave_no_flow_behind(run):
    ended = run(
        """
        from timemory import _timemory
        from timemory.util import marker
        @marker(["wall_clock", "cpu_clock"])
        def one(): yield 1
        @marker(["wall_clock"])
        def other(): yield 1
        for _ in range(300): list(one()), list(other())
        flow = _timemory.create_flow()
        print(flow)
        """
    )
    assert 0 < int(ended.out.splitlines()[0]) <= 3
    assert ended.laps() == {("one",): 300, ("other",): 300}


def test_with_statements_of_tasks_do_not_nest_in_each_other(run):
    # What version 3 makes of this: A holds B holds C, and a child is longer than its parent.
    ended = run(
        """
        import asyncio, timemory
        from timemory.util import marker
        shared = marker(["wall_clock"], "shared")
        async def task(name, seconds):
            with marker(["wall_clock"], name):
                for _ in range(2):
                    async with marker(["wall_clock"], f"in {name}"):
                        await asyncio.sleep(seconds)
        async def share(seconds):
            async with shared:
                await asyncio.sleep(seconds)
                async with shared: await asyncio.sleep(seconds)
        async def main():
            await asyncio.gather(task("A", 0.03), task("B", 0.01), task("C", 0.02))
            await asyncio.gather(share(0.02), share(0.01))
            with marker(["wall_clock"], "main"):
                await asyncio.gather(task("D", 0.01))
        with marker(["wall_clock"], "program"):
            asyncio.run(main())
            with marker(["wall_clock"], "after"): pass
        """
    )
    assert ended.laps() == {
        ("program",): 1,
        ("program", "after"): 1,
        ("main",): 1,
        ("shared",): 2,
        ("shared", "shared"): 2,
        **{(name,): 1 for name in "ABCD"},
        **{(name, f"in {name}"): 2 for name in "ABCD"},
    }
    entries = ended.entries("wall")
    for name, seconds in zip("ABCD", (0.03, 0.01, 0.02, 0.01)):
        inside = entries[(name, f"in {name}")]["value"]
        assert 2 * seconds <= inside / 1e9 and inside <= entries[(name,)]["value"]
    assert ended.err == ""


def test_tasks_that_fail_and_are_cancelled(run):
    ended = run(
        """
        import asyncio
        from timemory.util import marker
        async def fail():
            async with marker(["wall_clock"], "fail"):
                await asyncio.sleep(0.01)
                raise KeyError("mine")
        async def wait():
            with marker(["wall_clock"], "wait"): await asyncio.sleep(100)
        async def main():
            waiting = asyncio.ensure_future(wait())
            results = await asyncio.gather(fail(), fail(), return_exceptions=True)
            assert [repr(r) for r in results] == ["KeyError('mine')"] * 2
            waiting.cancel()
            try: await waiting
            except asyncio.CancelledError: pass
        for _ in range(20): asyncio.run(main())
        """
    )
    assert ended.laps() == {("fail",): 40, ("wait",): 20}
    assert ended.err == ""


def test_event_loops_in_many_threads(run):
    ended = run(
        """
        import asyncio, sys, threading
        from timemory.util import marker
        sys.setswitchinterval(1e-5)
        m = marker(["wall_clock"], "m")
        async def task(i):
            with m:
                await asyncio.sleep(0.001 * (i % 3))
                with m: await asyncio.sleep(0)
        async def main(): await asyncio.gather(*(task(i) for i in range(20)))
        def loop():
            for _ in range(3): asyncio.run(main())
        threads = [threading.Thread(target=loop) for _ in range(4)]
        for t in threads: t.start()
        for t in threads: t.join()
        """
    )
    assert ended.laps() == {("m",): 240, ("m", "m"): 240}
    assert ended.err == ""


def test_context_variables_outside_of_tasks_change_nothing(run):
    ended = run(
        """
        import asyncio, contextvars, decimal
        from timemory.util import marker
        variable = contextvars.ContextVar("variable")
        m = marker(["wall_clock"], "m")
        with m:
            variable.set(1)
            with m:
                with decimal.localcontext():
                    with marker(["wall_clock"], "inside"): pass
                contextvars.copy_context().run(m.start)
                m.stop()
        """
    )
    assert ended.laps() == {("m",): 1, ("m", "m"): 1, ("m", "m", "inside"): 1, ("m", "m", "m"): 1}


POOL = """
import multiprocessing, os, sys, time, timemory
from timemory.util import marker
def work(i):
    with marker(["wall_clock"], "poolwork"): time.sleep(0.01)
    return os.getpid()
if __name__ == "__main__":
    context = multiprocessing.get_context({method!r})
    if {before}:
        with marker(["wall_clock"], "parent"): pass
    {use}
    with marker(["wall_clock"], "parent"): pass
    timemory.settings.cout_output = False
    print("pids", *sorted(set(pids)))
"""
JOIN = """
    pool = context.Pool(2)
    pids = pool.map(work, range(8), chunksize=1)
    pool.close()
    pool.join()
"""
WITH = """
    with context.Pool(2) as pool: pids = pool.map(work, range(8), chunksize=1)
"""


@pytest.mark.parametrize("before", [True, False])
@pytest.mark.parametrize("use", [JOIN, WITH], ids=["joined", "terminated"])
@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
def test_a_pool_of_processes(run, method, use, before):
    ended = run(POOL.format(method=method, use=use, before=before))
    pids = next(line.split()[1:] for line in ended.out.splitlines() if line.startswith("pids "))
    assert ended.laps() == {("parent",): 1 + before}
    laps = 0
    for pid in pids:
        own = ended.laps(f"{pid}-wall")
        assert set(own) == {("poolwork",)}
        laps += own[("poolwork",)]
    assert laps == 8
    # No child prints a table; the parent has switched its own off.
    assert "LABEL" not in ended.out


def test_a_worker_that_no_signal_reaches_ends_with_its_pool(run):
    ended = run(
        """
        import ctypes, multiprocessing, os, time, timemory
        from timemory.util import marker
        def stuck():
            with marker(["wall_clock"], "poolwork"): pass
            libc, mutex = ctypes.CDLL(None), ctypes.create_string_buffer(64)
            libc.pthread_mutex_lock(mutex)
            open("stuck", "w").close()
            libc.pthread_mutex_lock(mutex)
        if __name__ == "__main__":
            with multiprocessing.get_context("fork").Pool(1) as pool:
                pool.apply_async(stuck)
                while not os.path.exists("stuck"): time.sleep(0.01)
            with marker(["wall_clock"], "parent"): pass
        """
    )
    assert ended.laps() == {("parent",): 1}


def test_a_fork_before_anything_is_measured(run):
    ended = run(
        """
        import os, timemory
        from timemory.util import marker
        pid = os.fork()
        with marker(["wall_clock"], "child" if pid == 0 else "parent"): pass
        timemory.finalize()
        if pid == 0: os._exit(0)
        os.waitpid(pid, 0)
        print(pid)
        """
    )
    assert ended.laps() == {("parent",): 1}
    assert ended.laps(f"{ended.out.splitlines()[-1]}-wall") == {("child",): 1}
