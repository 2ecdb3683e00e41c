"""Texts between two processes, such as a program and what watches it.

    timemory.socket.listen("progress", 18901, max_packets=10)      # one process: waits for ten texts

    timemory.socket.connect("progress", "127.0.0.1", 18901)        # the other
    timemory.socket.send("progress", "step 1")
    timemory.socket.close("progress")

A channel is a TCP connection with a name. Nothing is encrypted, and whoever reaches the port can
send: `listen` takes connections of the same machine unless it is told another address.
"""

from __future__ import annotations

import socket as _socket
import struct

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["close", "connect", "listen", "send"]

_LENGTH = struct.Struct("!I")
_LONGEST = 1 << 24
_open: dict[str, _socket.socket] = {}


def connect(channel: str, address: str, port: int, timeout: float = 10.0) -> None:
    """Connect to a process that listens.

    Parameters
    ----------
    channel : str
        What the connection is called.
    address : str
        Name or address of the machine.
    port : int
        Where the other process listens.
    timeout : float, optional
        Seconds.

    Raises
    ------
    ConnectionError
        If nothing listens there.
    ValueError
        If the channel is open.
    """
    if channel in _open:
        raise ValueError(f"the channel {channel!r} is open already")
    try:
        _open[channel] = _socket.create_connection((address, port), timeout)
    except OSError as problem:
        text = f"channel {channel!r}: can't connect to {address}:{port} ({problem})"
        raise ConnectionError(text) from problem


def send(channel: str, text: str) -> None:
    """Send a text, of at most 16 MiB, to the process at the other end."""
    data = text.encode()
    if len(data) > _LONGEST:
        raise ValueError(f"channel {channel!r}: a text of {len(data)} bytes; at most {_LONGEST}")
    _named(channel).sendall(_LENGTH.pack(len(data)) + data)


def close(channel: str) -> None:
    """Close a channel."""
    _named(channel)
    _open.pop(channel).close()


def listen(
    channel: str,
    port: int,
    max_packets: int = 0,
    address: str = "127.0.0.1",
    handler: Callable[[str], object] | None = None,
) -> list[str]:
    """Take one connection, and wait for what it sends.

    Parameters
    ----------
    channel : str
        What the connection is called.
    port : int
        Where to listen.
    max_packets : int, optional
        Return after so many texts; 0: when the other end has closed.
    address : str, optional
        Which of the machine's addresses: those of the same machine only, or "" for all.
    handler : callable, optional
        Called with each text when it comes.

    Returns
    -------
    list of str
        The texts.
    """
    texts = []
    with _socket.create_server((address, port), backlog=1) as server:
        connection, _ = server.accept()
    _open[channel] = connection
    try:
        with connection:
            for text in _texts(connection):
                texts.append(text)
                if handler is not None:
                    handler(text)
                if len(texts) == max_packets:
                    break
    finally:
        _open.pop(channel, None)
    return texts


def _named(channel: str) -> _socket.socket:
    if channel not in _open:
        known = ", ".join(map(repr, _open)) or "none"
        raise ValueError(f"the channel {channel!r} is not open; open are: {known}")
    return _open[channel]


def _texts(connection: _socket.socket) -> Iterator[str]:
    with connection.makefile("rb") as stream:
        while True:
            head = stream.read(_LENGTH.size)
            if len(head) < _LENGTH.size:
                return
            (length,) = _LENGTH.unpack(head)
            if length > _LONGEST:
                raise ValueError(f"a text of {length} bytes: what connected is not timemory")
            data = stream.read(length)
            if len(data) < length:
                return
            yield data.decode(errors="replace")
