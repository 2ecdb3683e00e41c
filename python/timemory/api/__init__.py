"""What this installation has of PAPI, CUPTI and CUDA: one module for each, `is_available()` in all.

Timemory 3 bound functions of these libraries here. They are measured through components now; a name
that one of the modules does not have is an AttributeError that says what to use.
"""

from __future__ import annotations

from timemory.api import cuda, cupti, papi

__all__ = ["cuda", "cupti", "papi"]
