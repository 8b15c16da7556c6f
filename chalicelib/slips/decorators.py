"""Slips: the decorators and handlers of app.py. It only wires; the modules that it names do the work."""

from __future__ import annotations

import logging
import os
import re
import sys
from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, overload

import msgspec

from .config import load
from .engine.contains import Contains, needles
from .engine.functions import FlushHook, Function, Where, check_batch, check_call, check_type
from .entry_points import EntryPoints
from .errors import RegistrationError
from .formats import registry
from .init_phase import prepare
from .reader import FRAMER_NAMES

if TYPE_CHECKING:
    from chalice.app import Chalice

    from .engine.function_types import (
        BatchFunction,
        EventFunction,
        HookFunction,
        ParserFunction,
        SetupFunction,
        StructBatchDecorator,
        StructDecorator,
        StructT,
        StructWhere,
    )
    from .engine.outbox import Concurrency
    from .formats.base import Format
    from .formats.names import FormatName
    from .sinks.base import Sink

# What decorators need is imported here; what one Lambda function needs, only when that is called: all of them import
# app.py.

F = TypeVar("F", bound=Callable[..., Any])
FORMAT_NAME = re.compile(r"[!-~]([ -~]{0,126}[!-~])?")
"""A format is a dimension of metrics, which is ASCII and not blank (CloudWatch API Reference, Dimension)."""


class Slips(EntryPoints):
    """The framework as app.py sees it.

        app = Chalice(app_name="slips")
        slips = Slips(app, config="slips.yml")

        @slips.on_format("g-suite-login")
        def watch_logins(meta, event): ...

    `config` is a path relative to app.py; the environment variable SLIPS_CONFIG overrides it. Raises ConfigError with
    all faults of the file.
    """

    def __init__(self, app: Chalice, config: str | Path = "slips.yml") -> None:
        vars(app)["slips"] = self  # SlipsTester(app) finds it.
        # Chalice sets the logger of the app's name, by default "slips" and so ours, to ERROR: what was quarantined,
        # dropped or discarded would be logged nowhere.
        log = logging.getLogger("slips")
        log.setLevel(min(log.level, logging.WARNING))
        file = sys._getframe(1).f_globals.get("__file__")  # Typed at a prompt, there is none.
        folder = Path(file).resolve().parent if file else Path.cwd()
        path = folder / (os.environ.get("SLIPS_CONFIG") or config)
        super().__init__(load(path), app.app_name, path)
        self.app: Chalice = app
        prepare(self)

    if not TYPE_CHECKING:  # A type checker would then allow every attribute.

        def __getattr__(self, name: str) -> Any:
            # In app.py the object often has the name of the package, and hides it.
            if name in ("formats", "sinks", "testing"):
                raise AttributeError(f"slips is your Slips object, not the package; write: from slips.{name} import …")
            return super().__getattribute__(name)  # Raises Python's error, or once more that of a property.

    # The decorators.

    @overload
    def on_format(
        self, name: FormatName | str, *, contains: Contains | None = None, where: Where | None = None,
        tag: str | None = None, batch: None = None, type: None = None, to: Sink | None = None,
    ) -> Callable[[EventFunction], EventFunction]: ...  # fmt: skip
    @overload
    def on_format(
        self, name: FormatName | str, *, contains: Contains | None = None, where: Where | None = None,
        tag: str | None = None, batch: int, type: None = None, concurrency: Concurrency = 1,
    ) -> Callable[[BatchFunction], BatchFunction]: ...  # fmt: skip
    @overload
    def on_format(
        self, name: FormatName | str, *, contains: Contains | None = None, where: StructWhere[StructT] | None = None,
        tag: str | None = None, batch: None = None, type: type[StructT], to: Sink | None = None,
    ) -> StructDecorator[StructT]: ...  # fmt: skip
    @overload
    def on_format(
        self, name: FormatName | str, *, contains: Contains | None = None, where: StructWhere[StructT] | None = None,
        tag: str | None = None, batch: int, type: type[StructT], concurrency: Concurrency = 1,
    ) -> StructBatchDecorator[StructT]: ...  # fmt: skip
    def on_format(
        self,
        name: FormatName | str,
        *,
        contains: Contains | None = None,
        where: Where | None = None,
        tag: str | None = None,
        batch: int | None = None,
        type: type[msgspec.Struct] | None = None,
        concurrency: Concurrency = 1,
        to: Sink | None = None,
    ) -> Any:
        """Call the function with `(meta, event)` for every event of the format (`"*"`: of all formats).

        `contains` (text, bytes, or several: any of them) skips records without these bytes before they are decoded;
        `where` is a predicate on `(meta, event)`; `tag` a glob on `meta.tag`; `batch=N` calls with lists of up to N
        pairs; `type` is a msgspec.Struct to decode into: the function and `where` get the struct. `concurrency` is how
        many batches of the function may be under way at once, in threads (`"adaptive"`: as many as the destination
        takes); only with 1 do events of an object come in order. What the function returns is sent `to` a sink: a
        dict; None for nothing; or several dicts. If the function raises, only its own event goes to the ErrorTable. The
        functions of a format share the event: copy it before you change it.
        """
        self._check_format(name)
        return self._register(f'on_format("{name}")', name, tag, contains, where, batch, type, concurrency, to)

    @overload
    def on_tag(
        self, glob: str, *, contains: Contains | None = None, where: Where | None = None,
        batch: None = None, type: None = None, to: Sink | None = None,
    ) -> Callable[[EventFunction], EventFunction]: ...  # fmt: skip
    @overload
    def on_tag(
        self, glob: str, *, contains: Contains | None = None, where: Where | None = None,
        batch: int, type: None = None, concurrency: Concurrency = 1,
    ) -> Callable[[BatchFunction], BatchFunction]: ...  # fmt: skip
    @overload
    def on_tag(
        self, glob: str, *, contains: Contains | None = None, where: StructWhere[StructT] | None = None,
        batch: None = None, type: type[StructT], to: Sink | None = None,
    ) -> StructDecorator[StructT]: ...  # fmt: skip
    @overload
    def on_tag(
        self, glob: str, *, contains: Contains | None = None, where: StructWhere[StructT] | None = None,
        batch: int, type: type[StructT], concurrency: Concurrency = 1,
    ) -> StructBatchDecorator[StructT]: ...  # fmt: skip
    def on_tag(
        self,
        glob: str,
        *,
        contains: Contains | None = None,
        where: Where | None = None,
        batch: int | None = None,
        type: type[msgspec.Struct] | None = None,
        concurrency: Concurrency = 1,
        to: Sink | None = None,
    ) -> Any:
        """Call the function as `on_format` does, for events of any format whose `meta.tag` matches the glob
        (`aws.cloudtrail.*`)."""
        return self._register(f'on_tag("{glob}")', "*", glob, contains, where, batch, type, concurrency, to)

    def send(
        self, format: FormatName | str, *, to: Sink, name: str = "", contains: Contains | None = None,
        where: Where | None = None, tag: str | None = None,
    ) -> None:  # fmt: skip
        """Send every event of the format (`"*"`: of all formats) to a sink, as it is. `contains`, `where` and `tag`
        narrow them as in `on_format`. `name` is the name of this in error items, books and metrics; by default it is
        made of the format and the destination, so that a drain finds it after any change of app.py."""
        from .engine.sending import check_sink

        decorator = f'send("{format}")'
        self._check_format(format)
        check_sink(to, decorator)
        self._add(decorator, None, Function(
            name=name or f"{format} -> {to.kind} {to.destination}", call=to.send, format=format, tag=tag or "",
            needles=needles(contains, decorator), where=where,
        ), 1, to)  # fmt: skip

    def _check_format(self, name: str) -> None:
        if name != "*" and name not in registry.names(self._own_formats):
            raise registry.unknown(name, self._own_formats)

    def on_setup(self, function: SetupFunction) -> SetupFunction:
        """Call `function(args)` before the first event of an invocation; `args` is `handler.args` of slips.yml."""
        check_call(function, "on_setup", "args")
        self.functions.setup.append(function)
        return function

    @overload
    def on_flush(self, function: HookFunction, /) -> HookFunction: ...
    @overload
    def on_flush(self, /, *, of: Iterable[Callable[..., object]]) -> Callable[[HookFunction], HookFunction]: ...
    def on_flush(
        self, function: Callable[[], object] | None = None, /, *, of: Iterable[Callable[..., object]] = ()
    ) -> Any:
        """Call the function, without an argument, before every checkpoint and at the end: send what you buffered.

        If it raises, all events since the last flush go to the ErrorTable, or wait where it raises `RetryLater`: those
        of the functions `of`, which fill the buffer; without `of`, those of all functions.
        """
        names = self.functions.names_of(of)

        def decorate(function: HookFunction) -> HookFunction:
            check_call(function, "on_flush")
            self.functions.flush.append(FlushHook(call=function, of=names))
            return function

        return decorate if function is None else decorate(function)

    def on_result(self, function: HookFunction) -> HookFunction:
        """Call `function()` after the last event of an invocation; its value is logged and returned."""
        check_call(function, "on_result")
        self.functions.result.append(function)
        return function

    def format(self, name: str, source: str = "lines") -> Callable[[ParserFunction], ParserFunction]:
        """Register the function as the parser of a format of your own: `f(record) -> event`, `-> (meta, event)` or an
        iterator of them. `record` is text, or bytes where the parameter is annotated as bytes. `meta` is a dict with
        any of `tag`, `timestamp` (seconds, UTC) and `message`. Raise `ParseError` for a record that is not of the
        format."""
        if not FORMAT_NAME.fullmatch(name):
            raise RegistrationError(f"format({name!r:.140}): write a name of at most 128 ASCII characters")
        framing = source.partition(":")[0]
        if framing not in FRAMER_NAMES and f"s3-{framing}" not in FRAMER_NAMES:
            known = ", ".join(sorted(FRAMER_NAMES))
            raise RegistrationError(f'format("{name}"): unknown source "{source}"; choose one of {known}')
        if name in self._own_formats or registry.is_taken(name):
            raise RegistrationError(f'format("{name}"): a format of that name exists already; choose another')

        def decorate(function: ParserFunction) -> ParserFunction:
            check_call(function, f'format("{name}")', "record")
            usual = source if framing in FRAMER_NAMES else f"s3-{source}"

            @cache
            def make_format() -> Format:
                from .formats.custom import custom_format

                return custom_format(name, function, usual)

            self._own_formats[name] = make_format
            return function

        return decorate

    def _register(
        self, decorator: str, name: str, tag: str | None, contains: Contains | None, where: Where | None,
        batch: int | None, struct: type[msgspec.Struct] | None, concurrency: Concurrency, to: Sink | None,
    ) -> Callable[[F], F]:  # fmt: skip
        byte_strings = needles(contains, decorator)
        check_batch(batch, decorator)
        check_type(struct, decorator)
        event = f"event: {struct.__name__}" if struct else "event"
        if where is not None:
            check_call(where, f"{decorator}: where", "meta", event)

        def decorate(function: F) -> F:
            check_call(function, decorator, *(("batch",) if batch else ("meta", event)))
            added = Function(
                name=function.__name__, call=function, format=name, tag=tag or "", needles=byte_strings,
                where=where, batch=batch, type=struct,
            )  # fmt: skip
            if to is None and concurrency == 1 and concurrency is not True:
                self.functions.add(added)
            else:
                self._add(decorator, function, added, concurrency, to)
            return function

        return decorate

    def _add(
        self, decorator: str, make: Callable[..., Any] | None, function: Function, concurrency: Concurrency,
        to: Sink | None,
    ) -> None:  # fmt: skip
        """Register a function whose batches go through an outbox."""
        from .engine.sending import send

        function, hook = send(decorator, make, function, concurrency, to)
        self.functions.add(function)
        self.functions.flush.append(hook)
        if to is not None:
            to.check(self.config)
            self.sinks_by_function[function.name] = to
