"""The line that says what a reply of a comparison does."""

from stream_core.config.options.appearance import Look
from stream_core.core.deltas import Opened, Text, Thinking, Usage, Waiting
from stream_core.terminal.reply.compared_reply import ComparedReply

OPENED = Opened("m", "claude-opus-5-5", Usage(), None, 1.0)


def test_before_its_first_text_it_thinks_and_is_not_without_new_text() -> None:
    reply = ComparedReply("1 · opus", Look(), lambda: 0.0)
    assert reply.live(0.5, "*") == "* Conectando…"
    reply.feed(OPENED, 1.0)
    reply.feed(Waiting("idle", 1, 4, 1.0, 2.0), 2.0)
    assert reply.live(2.0, "*") == "* Claude piensa… 1 s"
    reply.feed(Waiting("idle", 1, 4, 2.0, 3.0), 3.0)
    assert reply.live(4.5, "*") == "* Claude piensa… 3 s"  # it goes on between one notice and the next
    reply.feed(Text("Sí", 0, 5.0), 5.0)
    assert reply.live(5.0, "*").endswith("≈1 token")
    reply.feed(Waiting("idle", 1, 4, 9.0, 14.0), 14.0)
    assert reply.live(14.0, "*") == "* Sin texto nuevo desde hace 9 s…"


def test_thinking_that_can_be_read_is_named_too() -> None:
    reply = ComparedReply("1 · sonnet", Look(), lambda: 0.0)
    reply.feed(OPENED, 1.0)
    reply.feed(Thinking("Hmm", 0, 2.0), 2.0)
    assert reply.live(5.0, "*") == "* Claude piensa… 3 s"
    reply.feed(Waiting("retry", 2, 4, 3.0, 6.0), 6.0)
    assert "Reintento 2/4" in reply.live(6.0, "*")
