"""How results show themselves in a notebook."""

from __future__ import annotations

import html

TYPE_CHECKING = False
if TYPE_CHECKING:
    from timemory._load import Result

_MOST_ROWS = 20


def page(result: Result) -> str:
    """Return the most expensive call paths as a table, and pictures of the first component."""
    components = result.components
    if not components:
        return f"<p>{html.escape(repr(result))}</p>"
    first = "wall_clock" if "wall_clock" in components else components[0]
    pieces = [f"<h4>{html.escape(result.path)}: {html.escape(first)}</h4>", _table(result, first)]
    if len(components) > 1:
        others = (name for name in components if name != first)
        pieces.append(f"<p>also measured: {html.escape(', '.join(others))}</p>")
    pieces += _pictures(result, first)
    return "\n".join(pieces)


def _table(result: Result, component: str) -> str:
    try:
        frame = result.to_dataframe(component)
    except ImportError:  # no pandas
        return f"<pre>{html.escape(result.get_text(component))}</pre>"
    columns = ["path", "count", "sum", "mean", "min", "max", "self_sum", "self_percent"]
    if frame["imbalance"].notna().any():
        columns.append("imbalance")
    if frame["thread"].notna().any():
        columns.insert(0, "thread")
    if frame["ranks"].nunique() > 1:
        columns.insert(0, "ranks")
    top = frame.nlargest(_MOST_ROWS, "self_sum")[columns]
    table: str = top.to_html(
        index=False, escape=True, float_format="{:.6g}".format, border=0, justify="left"
    )
    unit = frame["unit"].iloc[0]
    caption = f"{len(top)} of {len(frame)} call paths" + (f", in {unit}" if unit else "")
    return f"{table}\n<p>{html.escape(caption)}</p>"


def _pictures(result: Result, component: str) -> list[str]:
    try:
        import matplotlib  # noqa: F401
    except ImportError:
        return ["<p>matplotlib would add pictures.</p>"]
    from timemory import plotting

    return [
        picture[picture.index("<svg") :]
        for data in plotting.read(result.get(components=component))[:1]
        for picture in plotting.svg(data)
    ]
