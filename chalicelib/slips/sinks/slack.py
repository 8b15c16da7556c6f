"""Slack, by an incoming webhook (Slack, "Sending messages using incoming webhooks", "Rate limits", "Formatting text for
app surfaces")."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from string import Formatter
from threading import Lock
from typing import Any, ClassVar, Final, Unpack

from ..errors import ENDS, EventsFailed, RetryLater
from ..model.meta import Meta
from .base import Document, Encoded
from .http import Http, HttpOptions
from .http_answers import Answer, HttpRefused
from .http_client import PATIENCE
from .quiet_groups import QuietGroups

MOST_CHARACTERS: Final = 4000
"""Of a message that a person reads; Slack cuts at 40,000."""
MOST_MESSAGES: Final = 20
"""Of a batch: the others wait, so that no batch takes longer than Slack lets it be sent."""

Text = str | Callable[[Meta, Any], str]


class Slack(Http):
    """Sends a message to a channel for each group of a batch, with the number of its events, one a second.

        Slack("ssm:/slack/alerts", text="{event[eventName]} by {event[userIdentity][arn]}")

    `text` and `group_by` are formats of `meta` and `event` (`{meta.message}`), whose values are escaped for Slack, or
    functions of `(meta, event)`. Events of the same `group_by`, by default of the same text, are one message: the text
    of the first. After a message its group is quiet for `quiet_seconds` in this process: its events are taken, and
    counted in the next message. At most `most_messages` of a batch are sent, `rate` a second; the others wait.
    """

    kind: ClassVar[str] = "slack"
    is_one_a_request: ClassVar[bool] = True
    advice: ClassVar[Mapping[int, str]] = {
        403: "allow the webhook to post in its channel, or make another one",
        404: "the webhook or its channel is gone; make another one",
        410: "the channel is archived; make a webhook for another one",
    }

    def __init__(
        self, webhook: str, *, text: Text = "{meta.message}", group_by: Text | None = None, rate: float = 1.0,
        quiet_seconds: float = 0.0, most_messages: int = MOST_MESSAGES, **options: Unpack[HttpOptions],
    ) -> None:  # fmt: skip
        if isinstance(rate, bool) or not isinstance(rate, int | float) or rate <= 0:
            raise ValueError(f"rate is a number of messages a second, such as 1, not {rate!r}")
        self._text = _check_text("text", text)
        self._group_by = None if group_by is None else _check_text("group_by", group_by)
        self._most_messages = most_messages
        backoff = options.get("backoff", PATIENCE)
        self._turns = _Turns(1 / rate, backoff.clock, backoff.sleep)
        self._quiet = QuietGroups(quiet_seconds, backoff.clock)
        settings: HttpOptions = {"concurrency": 1, "gzip": False, **options}
        super().__init__(webhook, **settings)

    def send(self, documents: Sequence[Document]) -> None:
        """See `Sink.send`."""
        failed: dict[Meta, BaseException | str] = {}
        groups: dict[str, list[Document]] = {}
        texts: dict[str, str] = {}
        for document in documents:
            try:
                group = self._write(self._group_by or self._text, document)
                if group not in texts:
                    texts[group] = self._write(self._text, document)
            except ENDS:
                raise
            except BaseException as fault:  # noqa: BLE001 - see errors.ENDS: an event may lack what a format names, too
                failed[document.meta] = fault
                continue
            groups.setdefault(group, []).append(document)
        loud = [group for group in groups if not self._quiet.is_quiet(group)]
        sent, later = loud[: self._most_messages], loud[self._most_messages :]
        refused = self._send_groups({group: groups[group] for group in sent}, texts)
        for group in later:
            refused[group] = RetryLater(f"{len(loud)} messages are too many for a batch; they come one after the other")
        for group, members in groups.items():
            if group in refused:
                failed |= dict.fromkeys((document.meta for document in members), refused[group])
            elif group in sent:
                self._quiet.begin(group)
            else:
                self._quiet.withhold(group, len(members))
        if failed:
            raise EventsFailed(failed)

    def _send_groups(self, groups: Mapping[str, list[Document]], texts: Mapping[str, str]) -> dict[str, BaseException]:
        """Send the message of each group. Returns what failed, by its group."""
        names = {members[0].meta: group for group, members in groups.items()}
        messages = [
            Document(meta, {"text": write_message(texts[group], len(groups[group]), self._quiet.count_withheld(group))})
            for meta, group in names.items()
        ]
        try:
            super().send(messages)
        except EventsFailed as fault:
            return {names[meta]: cause for meta, cause in fault.failed.items()}
        return {}

    def _write(self, text: Text, document: Document) -> str:
        if callable(text):
            return str(text(document.meta, document.body))
        return _ESCAPING.vformat(text, (), {"meta": document.meta, "event": document.body})

    def post(self, entries: Sequence[Encoded]) -> None:
        """See `Http.post`."""
        self._turns.wait()
        super().post(entries)

    def check_answer(self, answer: Answer) -> None:
        """See `Http.check`."""
        if answer.text.strip() != "ok":
            raise HttpRefused(f"{self.destination} answers {answer.status}, but not as Slack does; check the webhook")


def write_message(text: str, events: int, withheld: int) -> str:
    """Return the message of a group: its text, shortened, and how many events it stands for, if not one."""
    short = text if len(text) <= MOST_CHARACTERS else text[:MOST_CHARACTERS] + "…"
    more = f"{withheld:,} more since the last message" if withheld else ""
    counts = [each for each in (f"×{events:,}" if events > 1 else "", more) if each]
    return f"{short} ({', '.join(counts)})" if counts else short


def escape(text: str) -> str:
    """Return a text in which Slack sees no link, mention or command."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


class _Escaping(Formatter):
    def format_field(self, value: Any, format_spec: str) -> str:
        return escape(super().format_field(value, format_spec))


_ESCAPING: Final = _Escaping()


class _Turns:
    """Gives one turn after the other, `seconds` apart, to all threads."""

    def __init__(self, seconds: float, clock: Callable[[], float], sleep: Callable[[float], None]) -> None:
        self._seconds = seconds
        self._clock = clock
        self._sleep = sleep
        self._lock = Lock()
        self._next = float("-inf")

    def wait(self) -> None:
        """Wait for the next turn."""
        with self._lock:
            now = self._clock()
            turn = max(now, self._next)
            self._next = turn + self._seconds
        if turn > now:
            self._sleep(turn - now)


def _check_text(name: str, text: Text) -> Text:
    if callable(text):
        return text
    wrong = f"{name} is a format such as {{meta.message}} or {{event[eventName]}}, or a function of (meta, event)"
    if not isinstance(text, str):
        raise ValueError(f"{wrong}, not {text!r}")
    try:
        fields = [field for _, field, _, _ in _ESCAPING.parse(text) if field is not None]
    except ValueError as fault:
        raise ValueError(f"{wrong}: {fault}") from None
    for field in fields:
        if field.partition(".")[0].partition("[")[0] not in ("meta", "event"):
            raise ValueError(f"{wrong}; it names {{{field}}}")
    return text
