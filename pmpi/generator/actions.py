"""The actions of the table: what a wrapper does for each."""

from __future__ import annotations

from collections.abc import Callable

from .c import C, Code
from .table import Arguments, Row

Emit = Callable[[C, Code, Arguments], None]
ACTIONS: dict[str, Emit] = {}


def action(emit: Emit) -> Emit:
    """Register the code of an action under its name."""
    ACTIONS[emit.__name__] = emit
    return emit


@action
def sends(lang: C, code: Code, arguments: Arguments) -> None:
    """Send `count datatype` to a peer, and wait for it."""
    what, peer = arguments
    code.after.append(f"here.sent_to({lang.value(peer[0])}, {lang.part(what)});")


@action
def posts_send(lang: C, code: Code, arguments: Arguments) -> None:
    """Send `count datatype` to a peer: without waiting."""
    what, peer = arguments
    code.after.append(f"here.sent({lang.value(peer[0])}, {lang.part(what)});")


@action
def receives(lang: C, code: Code, arguments: Arguments) -> None:
    """Receive what a status tells."""
    ((status,),) = arguments
    code.after.append(f"here.received({lang.status(code, status)});")


@action
def posts_receive(lang: C, code: Code, arguments: Arguments) -> None:
    """Begin a receive, which a request stands for."""
    (source,), (request,) = arguments
    code.after.append(f"here.follow_receive({lang.pointee(request)}, {lang.value(source)});")


@action
def probes(lang: C, code: Code, arguments: Arguments) -> None:
    """Wait for a message, which stays where it is."""
    ((status,),) = arguments
    code.after.append(f"here.waited_for({lang.status(code, status)});")


@action
def matches(lang: C, code: Code, arguments: Arguments) -> None:
    """Wait for a message, which gets a handle."""
    (message,), (status,) = arguments
    seen = lang.status(code, status)
    code.after.append(f"here.waited_for({seen});")
    code.always.append(f"here.follow_message({lang.pointee(message)});")


@action
def matches_if(lang: C, code: Code, arguments: Arguments) -> None:
    """Give a message a handle, if there is one."""
    (flag,), (message,) = arguments
    code.always.append(f"if ({lang.pointee(flag)}) here.follow_message({lang.pointee(message)});")


@action
def receives_matched(lang: C, code: Code, arguments: Arguments) -> None:
    """Receive a message that has a handle."""
    (message,), (status,) = arguments
    code.before.append(f"here.take_message({lang.pointee(message)});")
    code.after.append(f"here.received({lang.status(code, status)});")


@action
def posts_matched(lang: C, code: Code, arguments: Arguments) -> None:
    """Begin to receive a message that has a handle."""
    (message,), (request,) = arguments
    code.before.append(f"here.take_message({lang.pointee(message)});")
    code.after.append(f"here.follow_receive({lang.pointee(request)}, MPI_ANY_SOURCE);")


@action
def prepares_send(lang: C, code: Code, arguments: Arguments) -> None:
    """Make a request that sends each time it is started."""
    what, peer, (request,) = arguments
    code.always.append(
        f"here.follow_send({lang.pointee(request)}, {lang.value(peer[0])}, {lang.part(what)}.bytes());"
    )


@action
def prepares_send_of(lang: C, code: Code, arguments: Arguments) -> None:
    """Make a request as prepares_send() does, for a message in partitions."""
    (partitions,), what, peer, (request,) = arguments
    code.always.append(
        f"here.follow_send({lang.pointee(request)}, {lang.value(peer[0])}, "
        f"{lang.value(partitions)} * {lang.part(what)}.bytes());"
    )


@action
def prepares_receive(lang: C, code: Code, arguments: Arguments) -> None:
    """Make a request that receives each time it is started."""
    (source,), (request,) = arguments
    code.always.append(
        f"here.follow_persistent_receive({lang.pointee(request)}, {lang.value(source)});"
    )


@action
def prepares_receive_of(lang: C, code: Code, arguments: Arguments) -> None:
    """Make a request that receives a message in partitions, all of it, each time it is started."""
    (partitions,), what, peer, (request,) = arguments
    code.always.append(
        f"here.follow_partitioned_receive({lang.pointee(request)}, {lang.value(peer[0])}, "
        f"{lang.value(partitions)} * {lang.part(what)}.bytes());"
    )


@action
def starts(lang: C, code: Code, arguments: Arguments) -> None:
    """Start a persistent request."""
    ((request,),) = arguments
    code.always.append(f"here.started({lang.pointee(request)});")


@action
def starts_all(lang: C, code: Code, arguments: Arguments) -> None:
    """Start persistent requests."""
    (count,), (requests,) = arguments
    code.always += [
        f"const auto request_at = {lang.requests(requests)};",
        f"for (int i = 0; i < {lang.value(count)}; ++i) here.started(request_at(i));",
    ]


@action
def frees_request(lang: C, code: Code, arguments: Arguments) -> None:
    """Let go of a request, which may be pending."""
    ((request,),) = arguments
    code.before.append(f"here.freeing({lang.pointee(request)});")


@action
def completes(lang: C, code: Code, arguments: Arguments) -> None:
    """Wait for a request."""
    (request,), (status,) = arguments
    code.before.append(f"const watched_one watched{{[&] {{ return {lang.pointee(request)}; }}}};")
    seen = lang.status_if(code, status, "watched")
    code.always.append(f"if (watched) here.completed(watched, {seen});")


@action
def completes_if(lang: C, code: Code, arguments: Arguments) -> None:
    """Test a request."""
    (request,), (flag,), (status,) = arguments
    code.before.append(f"const watched_one watched{{[&] {{ return {lang.pointee(request)}; }}}};")
    seen = lang.status_if(code, status, "watched")
    code.always.append(f"if (watched && {lang.pointee(flag)}) here.completed(watched, {seen});")


def watch(lang: C, code: Code, count: str, requests: str) -> None:
    """Look at the requests of an array before the call."""
    code.before.append(
        f"watched_many watched{{*t, {lang.value(count)}, {lang.requests(requests)}}};"
    )


@action
def completes_all(lang: C, code: Code, arguments: Arguments) -> None:
    """Wait for all requests of an array."""
    (count,), (requests,), (statuses,) = arguments
    watch(lang, code, count, requests)
    status_at = lang.statuses(code, statuses, "watched")
    code.ended.append(f"if (watched) here.completed_all(watched, result, {status_at});")


@action
def completes_all_if(lang: C, code: Code, arguments: Arguments) -> None:
    """Test all requests of an array together."""
    (count,), (requests,), (flag,), (statuses,) = arguments
    watch(lang, code, count, requests)
    status_at = lang.statuses(code, statuses, "watched")
    done = f"(result != MPI_SUCCESS || {lang.pointee(flag)})"
    code.ended.append(f"if (watched && {done}) here.completed_all(watched, result, {status_at});")


@action
def completes_any(lang: C, code: Code, arguments: Arguments) -> None:
    """Wait for one request of an array."""
    (count,), (requests,), (index,), (status,) = arguments
    watch(lang, code, count, requests)
    seen = lang.status_if(code, status, "watched")
    code.always.append(f"if (watched) here.completed_one(watched, {lang.index(index)}, {seen});")


@action
def completes_any_if(lang: C, code: Code, arguments: Arguments) -> None:
    """Test whether one request of an array is done."""
    (count,), (requests,), (index,), (flag,), (status,) = arguments
    watch(lang, code, count, requests)
    seen = lang.status_if(code, status, "watched")
    code.always.append(
        f"if (watched && {lang.pointee(flag)}) here.completed_one(watched, {lang.index(index)}, {seen});"
    )


@action
def completes_some(lang: C, code: Code, arguments: Arguments) -> None:
    """Wait for, or test, some requests of an array."""
    (count,), (requests,), (done,), (indices,), (statuses,) = arguments
    watch(lang, code, count, requests)
    status_at = lang.statuses(code, statuses, "watched")
    code.ended.append(
        f"if (watched) here.completed_some(watched, result, {lang.pointee(done)}, "
        f"{lang.indices(indices)}, {status_at});"
    )


@action
def collects(lang: C, code: Code, arguments: Arguments) -> None:
    """Take part in a collective call."""
    rule, root, parts = rule_of(lang, arguments)
    code.after.append(f"here.moved({rule}(here.where(){parts}){root});")


@action
def prepares_collective(lang: C, code: Code, arguments: Arguments) -> None:
    """Make a request that takes part in a collective call each time it is started."""
    rule, _, parts = rule_of(lang, arguments)
    code.always.append(
        f"here.follow_collective({lang.pointee('request')}, {rule}(here.where(){parts}));"
    )


def rule_of(lang: C, arguments: Arguments) -> tuple[str, str, str]:
    """Return the rule of a collective call, its root, and its arguments, with commas in front."""
    rule, parts, root = arguments[0][0], "", ""
    for group in arguments[1:]:
        if len(group) > 1:
            parts += f", {lang.part(group)}"
        else:
            parts += f", {lang.value(group[0])}"
            root = f", {lang.value(group[0])}"
    return rule, root, parts


@action
def makes(lang: C, code: Code, arguments: Arguments) -> None:
    """Make a communicator of another."""
    (how,), (parent,), (made,) = arguments
    code.always.append(f'communicators::made("{how}", {lang.value(parent)}, {lang.pointee(made)});')


@action
def begins_to_make(lang: C, code: Code, arguments: Arguments) -> None:
    """Make a communicator of another, which may be used when a request is complete."""
    (how,), (parent,), (made,) = arguments
    code.always.append(
        f'communicators::begun("{how}", {lang.value(parent)}, {lang.pointee(made)});'
    )


@action
def names(lang: C, code: Code, arguments: Arguments) -> None:
    """Name a communicator: it is looked at again."""
    ((comm,),) = arguments
    code.always += [
        f"communicators::renamed({lang.value(comm)});",
        f"here.works_on({lang.value(comm)});",
    ]


@action
def puts(lang: C, code: Code, arguments: Arguments) -> None:
    """Write to the window of a peer."""
    what, peer = arguments
    code.after.append(
        f"here.put({lang.value('win')}, {lang.value(peer[0])}, {lang.part(what)}.bytes());"
    )


@action
def gets(lang: C, code: Code, arguments: Arguments) -> None:
    """Read from the window of a peer."""
    what, peer = arguments
    code.after.append(
        f"here.got({lang.value('win')}, {lang.value(peer[0])}, {lang.part(what)}.bytes());"
    )


@action
def exchanges(lang: C, code: Code, arguments: Arguments) -> None:
    """Read from the window of a peer and change it, unless the operation is MPI_NO_OP."""
    (op,), what, result, peer = arguments
    win, target = lang.value("win"), lang.value(peer[0])
    code.after += [
        f"if ({lang.value(op)} != MPI_NO_OP) here.put({win}, {target}, {lang.part(what)}.bytes());",
        f"here.got({win}, {target}, {lang.part(result)}.bytes());",
    ]


@action
def exchanges_one(lang: C, code: Code, arguments: Arguments) -> None:
    """As exchanges(), of one element."""
    (op,), (datatype,), peer = arguments
    win, target, size = lang.value("win"), lang.value(peer[0]), f"size_of({lang.value(datatype)})"
    code.after += [
        f"if ({lang.value(op)} != MPI_NO_OP) here.put({win}, {target}, {size});",
        f"here.got({win}, {target}, {size});",
    ]


@action
def swaps(lang: C, code: Code, arguments: Arguments) -> None:
    """Send two elements to the window of a peer and get one."""
    (datatype,), peer = arguments
    win, target, size = lang.value("win"), lang.value(peer[0]), f"size_of({lang.value(datatype)})"
    code.after += [f"here.put({win}, {target}, 2 * {size});", f"here.got({win}, {target}, {size});"]


@action
def frees_window(lang: C, code: Code, arguments: Arguments) -> None:
    """Free a window."""
    ((win,),) = arguments
    code.before.append(f"windows::forget({lang.pointee(win)});")


@action
def names_window(lang: C, code: Code, arguments: Arguments) -> None:
    """Name a window."""
    ((win,),) = arguments
    code.always.append(f"windows::forget({lang.value(win)});")


@action
def opens(lang: C, code: Code, arguments: Arguments) -> None:
    """Open a file."""
    (name,), (file,) = arguments
    code.always.append(f"files::opened({lang.pointee(file)}, {lang.text(name)});")


@action
def closes(lang: C, code: Code, arguments: Arguments) -> None:
    """Close a file."""
    ((file,),) = arguments
    code.before.append(f"files::closing({lang.pointee(file)});")


@action
def reads(lang: C, code: Code, arguments: Arguments) -> None:
    """Read what a status tells from a file."""
    ((status,),) = arguments
    code.after.append(f"here.read({lang.value('fh')}, {lang.status(code, status)});")


@action
def writes(lang: C, code: Code, arguments: Arguments) -> None:
    """Write what a status tells to a file."""
    ((status,),) = arguments
    code.after.append(f"here.wrote({lang.value('fh')}, {lang.status(code, status)});")


@action
def posts_read(lang: C, code: Code, arguments: Arguments) -> None:
    """Begin to read from a file."""
    ((request,),) = arguments
    code.after.append(f"here.follow_read({lang.pointee(request)}, {lang.value('fh')});")


@action
def posts_write(lang: C, code: Code, arguments: Arguments) -> None:
    """Begin to write to a file."""
    ((request,),) = arguments
    code.after.append(f"here.follow_write({lang.pointee(request)}, {lang.value('fh')});")


RUNS_ALWAYS = {
    "frees_request",
    "names",
    "frees_window",
    "closes",
}  # besides those with code that says so


def code_of(row: Row | None, lang: C) -> Code:
    """Return what the actions of a row do."""
    code = Code()
    for what in row.actions if row else ():
        ACTIONS[what.name](lang, code, what.arguments)
    return code
