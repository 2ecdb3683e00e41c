"""Units of time, in nanoseconds, and of memory, in bytes."""

from __future__ import annotations

nsec = 1
usec = 1_000
msec = 1_000_000
csec = 10_000_000
dsec = 100_000_000
sec = 1_000_000_000
minute = min = 60 * sec
hour = hr = 3600 * sec

byte = 1
kilobyte = kb = 1000
megabyte = mb = 1000**2
gigabyte = gb = 1000**3
terabyte = tb = 1000**4
petabyte = pb = 1000**5
kibibyte = kib = 1024
mebibyte = mib = 1024**2
gibibyte = gib = 1024**3
tebibyte = tib = 1024**4
pebibyte = pib = 1024**5
