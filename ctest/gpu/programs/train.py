"""A training step in PyTorch, with regions of timemory through ctypes; prints JSON.

train.py [profiler]: with torch.profiler as well, whose count and time of kernels are printed.
"""

import ctypes
import json
import os
import sys

import torch

timemory = ctypes.CDLL(os.environ["TIMEMORY_CHECK_LIBRARY"])
arguments = (ctypes.c_char_p * 1)(b"train")
timemory.timemory_init(1, arguments)


def region(name):
    """Give a context manager of a region."""

    class Region:
        def __enter__(self):
            timemory.timemory_push_region(name)

        def __exit__(self, *error):
            timemory.timemory_pop_region(name)

    return Region()


torch.manual_seed(1)
model = torch.nn.Sequential(
    torch.nn.Linear(1024, 4096), torch.nn.ReLU(), torch.nn.Linear(4096, 1024)
).cuda()
optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
data = torch.randn(256, 1024, device="cuda")


def step():
    """Take one step: forward, backward and the optimizer, each a region."""
    with region(b"forward"):
        loss = (model(data) - data).pow(2).mean()
    with region(b"backward"):
        optimizer.zero_grad()
        loss.backward()
    with region(b"optimizer"):
        optimizer.step()
    return loss


for _ in range(3):
    step()
torch.cuda.synchronize()
result = {}
STEPS = 20
with region(b"training"):
    if "profiler" in sys.argv[1:]:
        from torch.profiler import ProfilerActivity, profile

        with profile(activities=[ProfilerActivity.CUDA, ProfilerActivity.CPU]) as seen:
            for _ in range(STEPS):
                loss = step()
            torch.cuda.synchronize()
        kernels = [
            e
            for e in seen.events()
            if e.device_type == torch.autograd.DeviceType.CUDA
            and not e.name.startswith(("Memcpy", "Memset"))
        ]
        result["torch_kernels"] = len(kernels)
        result["torch_seconds"] = sum(e.time_range.elapsed_us() for e in kernels) / 1e6
    else:
        begin = torch.cuda.Event(enable_timing=True)
        end = torch.cuda.Event(enable_timing=True)
        begin.record()
        for _ in range(STEPS):
            loss = step()
        end.record()
        torch.cuda.synchronize()
        result["seconds"] = begin.elapsed_time(end) / 1e3
result["loss"] = float(loss)
print(json.dumps(result), flush=True)
timemory.timemory_finalize()
