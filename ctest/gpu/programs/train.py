"""A training step in PyTorch, with regions of timemory through ctypes; prints JSON.

train.py train|launches [profiler]: twenty steps, or many launches of a small kernel. With
`profiler` under torch.profiler as well, whose count and time of kernels are printed.
"""

import contextlib
import ctypes
import json
import os
import sys
import time

import torch

timemory = ctypes.CDLL(os.environ["CHECKED_LIBRARY"])
timemory.timemory_init(1, (ctypes.c_char_p * 2)(b"train", None))


@contextlib.contextmanager
def region(name):
    """Mark a region."""
    timemory.timemory_push_region(name)
    yield
    timemory.timemory_pop_region(name)


def train():
    """Take twenty steps: forward, backward and the optimizer, each a region; give the loss."""
    torch.manual_seed(1)
    model = torch.nn.Sequential(
        torch.nn.Linear(1024, 4096), torch.nn.ReLU(), torch.nn.Linear(4096, 1024)
    ).cuda()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
    data = torch.randn(256, 1024, device="cuda")
    for _ in range(20):
        with region(b"forward"):
            loss = (model(data) - data).pow(2).mean()
        with region(b"backward"):
            optimizer.zero_grad()
            loss.backward()
        with region(b"optimizer"):
            optimizer.step()
    torch.cuda.synchronize()
    return {"loss": float(loss)}


def launch():
    """Launch a small kernel many times: what one launch takes on the host."""
    x = torch.zeros(1, device="cuda")
    for _ in range(1000):
        x.add_(1)
    torch.cuda.synchronize()
    launches = 50_000
    begin = time.perf_counter()
    with region(b"launching"):
        for _ in range(launches):
            x.add_(1)
        torch.cuda.synchronize()
    seconds = time.perf_counter() - begin
    return {"launches": launches, "us_per_launch": seconds / launches * 1e6}


work = {"train": train, "launches": launch}[sys.argv[1]]
torch.cuda.init()
if "profiler" in sys.argv[2:]:
    from torch.profiler import ProfilerActivity, profile

    with profile(activities=[ProfilerActivity.CUDA, ProfilerActivity.CPU]) as seen:
        result = work()
    # The trace tells kernels from the annotations that stand beside them on the device.
    seen.export_chrome_trace("trace.json")
    with open("trace.json") as file:
        events = json.load(file)["traceEvents"]
    kernels = [e for e in events if e.get("cat") == "kernel"]
    result["torch_kernels"] = len(kernels)
    result["torch_seconds"] = sum(e["dur"] for e in kernels) / 1e6
else:
    result = work()
print(json.dumps(result), flush=True)
timemory.timemory_finalize()
