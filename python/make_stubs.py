"""Write the stubs of what the package makes from the library's tables when it is imported.

python make_stubs.py FOLDER    the folder of the built package
"""

import sys
from pathlib import Path

package = Path(sys.argv[1])
sys.path.insert(0, str(package.parent))

from timemory import _timemory, component  # noqa: E402

TYPES = {"bool": "bool", "std::string": "str"}


def settings_stub() -> str:
    lines = ["from typing import ClassVar", "", "class settings:"]
    for name, _, kind, _, _, description, _, _ in _timemory.describe_settings():
        lines += [f"    {name}: ClassVar[{TYPES.get(kind, 'int')}]", f"    {description!r}"]
    return "\n".join(lines) + "\n"


def members_stub() -> str:
    lines = [
        "from timemory._objects import Base, Stored",
        "from timemory.component import Component",
        "",
    ]
    for name, _, description, _, aliases, _, _ in _timemory.describe_components(0):
        lines += [f"{alias}: Component" for alias in (name, *aliases.split())]
        camel = component.camel_case(name)
        base = getattr(component, camel).__base__.__name__
        lines += [f"class {camel}({base}):", f"    {description!r}"]
    return "\n".join(lines) + "\n"


(package / "_settings.pyi").write_text(settings_stub())
(package / "_members.pyi").write_text(members_stub())
