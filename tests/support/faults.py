"""The faults as rows: what goes wrong, what a person gets, the test that holds it; see `docs/faults.md`.

`PYTHONPATH=.:tests python tests/support/faults.py > docs/faults.md` writes the page (`make faults`).
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from stream_core import RetryPolicy, Settings, Timeouts, explain
from stream_core.chat.reply.error_context import add_context
from stream_core.config.connection import Connection
from stream_core.core import errors
from stream_core.practice.faults import Fault, load
from stream_core.practice.lab import parse
from stream_core.practice.scenarios import Scenario
from stream_core.practice.script import text_reply
from stream_core.practice.server import PracticeServer
from stream_core.texts.outcomes_es import APART, outcome_note
from support.wire import Result, read_sync

TEXT = "Uno, dos, tres, cuatro, cinco, seis, siete, ocho, nueve, diez."
COUNTING = Scenario(
    "cuenta", "", lambda body: True, lambda body: text_reply(TEXT, model=body["model"], input_tokens=5)
)
IMPATIENT = Timeouts(idle=1.0, first_byte=60.0, notice=0.05)
"""For a server that falls silent in mid-reply."""
_SILENT = frozenset({"silencio", "pings"})
KEYED = Settings(connection=Connection(credential="ANTHROPIC_API_KEY"))


@dataclass(frozen=True, slots=True)
class Row:
    """One fault that a person may meet.

    Attributes:
        number: its number, for good.
        fault: what goes wrong.
        gets: what a person gets.
        tests: what holds that, as `module.function`.
        says: what is said, where the fault lab cannot tell.
    """

    number: int
    fault: str
    gets: str
    tests: tuple[str, ...]
    says: str = ""


def _row(number: int, fault: str, gets: str, *tests: str, says: str = "") -> Row:
    """A row; `chat.name` is the test `test_chat.test_name`, and a name alone one of `test_faults`."""
    whole = (test if "." in test else f"faults.{test}" for test in tests)
    return Row(number, fault, gets, tuple(f"test_{test.replace('.', '.test_')}" for test in whole), says)


def _refused_by(proxy: str, answer: str) -> errors.ProxyRefused:
    error = errors.ProxyRefused()
    error.proxy, error.answer = proxy, answer
    return error


def _told(error: errors.StreamCoreError) -> str:
    return explain(error)


_RETRY = "tried again by itself, with a countdown"

NETWORK = (
    _row(1, "The body ends cleanly in the middle of the reply", "told apart from a complete one; kept",
         "fault_01_end", "continuing.a_single_answer_goes_on_by_itself"),
    _row(2, "Only `message_stop` is missing", "the reply counts as complete; a program sees `clean=False`",
         "fault_02_no_message_stop"),
    _row(3, "The connection is cut within a chunk", "what arrived is kept, and can go on", "fault_03_cut",
         "continuing.a_reply_that_was_cut_goes_on_and_is_one_turn"),
    _row(4, "The connection is reset", "what arrived is kept", "fault_04_reset"),
    _row(5, "Silence that does not end", "the wait is shown; at the limit the reply is given up",
         "fault_05_silence", "continuing.how_long_is_waited_can_be_chosen"),
    _row(6, "Nothing but pings", "pings are silence, too: the wait is shown; Ctrl+C and Esc work",
         "fault_06_pings"),
    _row(7, "The headers take long", "the wait is shown", "fault_07_slow_headers",
         says="Esperando a que Claude empiece… 8 s"),
    _row(8, "The name of the server is not found", "nothing was sent; " + _RETRY,
         "fault_08_no_such_host", says=_told(errors.HostNotFound())),
    _row(9, "The port refuses the connection", "nothing was sent; " + _RETRY,
         "fault_09_refused", says=_told(errors.ConnectionRefused())),
    _row(10, "The certificate cannot be trusted", "nothing was sent, and no way around it is offered",
         "fault_10_untrusted_certificate", says=_told(errors.TlsFailed())),
    _row(11, "A captive portal answers with its page", "the page is never shown", "fault_11_portal"),
    _row(12, "Another service answers with JSON", "told apart from the API", "fault_12_other_json"),
    _row(13, "A success without a body", "tried again once", "fault_13_empty_body"),
    _row(14, "502 with a page of a proxy", _RETRY + "; the page is never shown", "fault_14_proxy"),
    _row(15, "A redirect to another host", "not followed: the key would go along",
         "fault_15_redirect"),
    _row(16, "A line of broken JSON", "what arrived is kept", "fault_16_broken_json"),
    _row(17, "Invalid UTF-8", "U+FFFD in its place, and the reply goes on", "fault_17_invalid_utf8"),
    _row(18, "Half of a surrogate pair", "U+FFFD in its place, and the reply goes on",
         "fault_18_lone_surrogate"),
    _row(19, "A byte order mark at the beginning", "dropped", "fault_19_byte_order_mark"),
    _row(20, "An event, a block and a delta that are not known", "passed over; the rest arrives",
         "fault_20_unknown"),
    _row(21, "Events that may not come where they come", "what arrived is kept", "fault_21_protocol"),
    _row(22, "One event of several megabytes", "nothing freezes", "fault_22_giant_event"),
    _row(23, "Other line ends, comments, one byte at a time", "no difference", "fault_23_odd_framing"),
)  # fmt: skip

API = (
    _row(24, "400", "not tried again; the API's reason in short", "fault_24_bad_request"),
    _row(25, "401", "says where the key came from; exit code 2", "fault_25_refused_key",
         "chat.a_refused_key_is_named_by_its_source_and_never_shown"),
    _row(26, "402, 403", "not tried again", "fault_26_no_access"),
    _row(27, "404", "names the model, and the nearest one that is known", "fault_27_no_such_model",
         "chat.a_wrong_model_gets_a_suggestion"),
    _row(28, "413, or a conversation that is too long", "says how to make it shorter",
         "fault_28_too_large"),
    _row(29, "429 with a short wait", _RETRY, "fault_29_short_rate_limit"),
    _row(30, "429 with a long wait", "not waited for; says when to come back",
         "fault_30_long_rate_limit"),
    _row(31, "408, 409, 500, 503", _RETRY, "fault_31_server_errors"),
    _row(32, "529", _RETRY, "fault_32_overloaded", "continuing.how_often_is_tried_can_be_chosen",
         "chat.a_retry_counts_down_where_it_can_be_seen"),
    _row(33, "An error as the first event of a success", _RETRY, "fault_33_error_first"),
    _row(34, "`overloaded_error` in the middle of a reply", "what arrived is kept; no second attempt",
         "fault_34_overloaded_midway"),
    _row(35, "An error event that is not JSON", "what arrived is kept", "fault_35_broken_error"),
    _row(36, "The limit of tokens", "says so, and it can go on; exit code 0", "fault_36_max_tokens",
         "continuing.the_most_tokens_are_no_end"),
    _row(37, "A refusal", "says so, with its category; that question is not sent again",
         "fault_37_refusal"),
    _row(38, "The model's context is full", "says so", "fault_38_context_window"),
    _row(39, "A stop reason that is not known", "shown", "fault_39_unknown_stop_reason"),
    _row(40, "`pause_turn`", "the chat goes on by itself, as every turn does",
         "fault_40_pause", "what_a_person_sees"),
    _row(41, "A model that is known to be retired", "said before anything is sent; exit code 2",
         "fault_41_retired_model",
         says="El modelo «…» se retiró el … y ya no responde. Prueba con --model …"),
    _row(42, "No key", "practice mode, labelled; in a script nothing, and exit code 2",
         "fault_42_no_key", "chat.without_a_key_it_says_so_and_practises",
         "oneshot.a_script_without_a_key_is_refused", says=_told(errors.NoCredential())),
)  # fmt: skip

PROCESS = (
    _row(43, "Ctrl+C in a reply", "stops at once, and keeps what arrived",
         "chat.ctrl_c_keeps_the_partial_and_the_next_question_sends_it",
         "continuing.a_reply_that_was_cancelled_goes_on"),
    _row(44, "Ctrl+C at the prompt", "clears the line, and says how to leave",
         "chat.ctrl_c_at_the_prompt_says_how_to_leave_and_ctrl_d_leaves"),
    _row(45, "A second Ctrl+C within two seconds", "leaves with exit code 130",
         "interrupts.a_second_one_within_two_seconds_leaves_with_130"),
    _row(46, "Ctrl+D", "leaves with exit code 0",
         "chat.ctrl_c_at_the_prompt_says_how_to_leave_and_ctrl_d_leaves"),
    _row(47, "SIGTERM, SIGHUP", "what arrived stays on the screen; exit codes 143 and 129",
         "chat.a_signal_leaves_what_arrived_on_screen_and_the_terminal_as_it_was",
         "interrupts.the_signals_that_end_a_program"),
    _row(48, "SIGKILL", "almost nothing of the reply is lost",
         "kept_chat.a_reply_that_was_killed_is_there_again",
         "sqlite.programs_that_are_killed_lose_nothing_that_was_safe"),
    _row(49, "Ctrl+Z, `fg` and `bg`; stopped by force",
         "the terminal is usable meanwhile, and the chat goes on where it was",
         "suspension.in_a_shell",
         "suspension.in_a_shell_without_any_escape",
         "suspension.the_terminal_is_given_back_and_taken_again",
         "suspension.stopped_by_force_it_puts_itself_right"),
    _row(50, "The reader of the output leaves (`| head`)", "silence",
         "oneshot.a_reader_that_leaves_is_no_drama"),
    _row(51, "The window changes its size in a reply", "nothing is lost or doubled",
         "chat.resizing_in_the_middle_leaves_no_ghosts_and_loses_nothing"),
    _row(52, "No terminal, `TERM=dumb`, `NO_COLOR`", "plain text",
         "plain.a_session_without_any_escape", "terminal.no_color_is_honoured",
         "oneshot.only_the_text_goes_to_stdout"),
    _row(53, "A locale without UTF-8", "replacements", "plain.a_locale_that_is_not_utf8",
         "oneshot.an_encoding_that_lacks_characters_gets_replacements"),
    _row(54, "stdin is closed", "one sentence, exit code 2", "oneshot.a_closed_stdin"),
    _row(55, "A paste with escapes, or a very long one", "one message, made safe",
         "chat.a_paste_is_one_message_and_sanitised", "chat.a_paste_of_100_000_characters"),
)  # fmt: skip

FILES = (
    _row(56, "The disk is full", "the chat goes on, and warns once",
         "sqlite.a_full_disk",
         "kept_chat.a_store_that_fails_changes_no_answer"),
    _row(57, "Two chats at once", "both are saved",
         "kept_chat.two_terminals_lose_nothing"),
    _row(58, "The database is damaged", "it is put aside, never overwritten, and that is said",
         "sqlite.a_damaged_file_is_put_aside_and_a_new_one_begun_and_both_are_said"),
    _row(59, "The database is from a newer version", "it is not written to, and that is said",
         "sqlite.a_newer_file_is_not_touched"),
    _row(60, "A data file that is a link, or somebody else's", "refused",
         "sqlite.a_link_in_place_of_a_file_is_refused",
         "sqlite.what_belongs_to_somebody_else_is_refused"),
    _row(61, "The folder for data cannot be written to", "the chat works, and says that it keeps nothing",
         "sqlite.a_folder_that_cannot_be_written"),
    _row(62, "Other people on the machine", "files and folder are the person's only, from the first moment",
         "sqlite.every_file_is_for_its_owner_only_from_its_first_byte"),
    _row(63, "An `.env` in the working directory or above it", "never read",
         "dotenv_file.no_env_file_of_the_working_directory_or_its_parents_is_read",
         "dotenv_file.beside_the_program_it_is_read_in_a_checkout_only"),
    _row(64, "Another server", "its name is shown; a credential goes there in clear only on purpose",
         "chat.the_server_is_named_when_it_is_not_the_usual_one",
         "connection.without_tls_a_credential_goes_only_to_this_machine"),
    _row(65, "A wrong flag or value", "one sentence, exit code 2",
         "oneshot.what_is_wrong_with_the_command_line", "flags.a_wrong_flag_gets_one_spanish_line"),
    _row(66, "The key", "never in what is shown, kept or told",
         "secrets.single_answers_never_show_it", "secrets.the_chat_never_shows_it",
         "connection.no_hint_shows_the_key", "what_a_person_sees"),
)  # fmt: skip

SERVERS = (
    _row(67, "Blocks whose indices or ends are wrong", "nothing is lost; noted for `--debug`",
         "fault_67_blocks"),
    _row(68, "Usage that is missing, or comes only at the end", "nothing is lost; what is known is counted",
         "fault_68_usage"),
    _row(69, "Events without a name or with a wrong one, `[DONE]`, heartbeats, another content type",
         "nothing is lost", "fault_69_framing"),
    _row(70, "A whole message as JSON instead of a stream", "the reply comes at once",
         "fault_70_one_message"),
    _row(71, "`null` where a value belongs", "nothing is lost", "fault_71_nulls"),
    _row(72, "`message_start` that is repeated or missing, or that holds the content", "nothing is lost",
         "fault_72_start"),
    _row(73, "Text in a block of another kind", "the text is part of the reply", "fault_73_text_elsewhere"),
    _row(74, "Blocks of kinds that are not known", "kept with every field, and sent back",
         "fault_74_new_blocks"),
    _row(75, "No stop reason", "the reply counts as complete", "fault_75_no_stop_reason"),
    _row(76, "The limit of tokens with a block left open", "as row 36", "fault_76_open_at_the_limit"),
    _row(77, "Errors in other frames in the middle of a reply", "the server's words; what arrived is kept",
         "fault_77_error_frames"),
    _row(78, "HTTP errors in other forms", "the server's words", "fault_78_http_errors"),
)  # fmt: skip

WAY = (
    _row(79, "A TLS handshake is broken off, or ended by an alert",
         "nothing was sent; what may pass is " + _RETRY, "ways.a_handshake_that_is_broken_off_may_pass",
         "ways.an_alert_is_told", says=_told(errors.TlsBroken())),
    _row(80, "https where only http is spoken", "told so, and not as a certificate",
         "ways.https_spoken_to_an_http_port", says=_told(errors.NotTls())),
    _row(81, "http where TLS is wanted", "told so, whatever the server answers",
         "ways.http_spoken_to_an_https_port", says=_told(errors.TlsExpected())),
    _row(82, "TLS breaks in the middle of a reply", "a lost connection: what arrived is kept",
         "ways.tls_that_breaks_in_the_middle_of_a_reply_is_a_lost_connection"),
    _row(83, "A proxy of the environment refuses, or is not there", "it is named, without its password",
         "ways.a_proxy_that_refuses_is_named", "ways.a_proxy_that_is_not_there_is_named",
         says=_told(_refused_by("proxy.ejemplo.com:3128", "407 Proxy Authentication Required"))),
    _row(84, "A page of a proxy or a firewall instead of an answer", "told as that; the page is never shown",
         "ways.the_page_of_a_proxy_is_told_as_one", "error_frames.a_page_is_the_word_of_a_proxy",
         says=_told(errors.ProxyPage(status=403, title="Attention Required! | Cloudflare"))),
    _row(85, "A path that the server does not have", "the server's words; not taken for a wrong model",
         "error_frames.a_server_says_what_went_wrong",
         says=_told(errors.EndpointNotFound(detail="404 page not found"))),
    _row(86, "A connection that was kept open is dead", "opened once more, visibly, also without retries",
         "ways.a_dead_connection_is_opened_once_more_and_visibly"),
    _row(87, "A proxy, a list of exceptions, certificates or headers of the environment cannot be used",
         "named before anything is sent, and only where it is needed; exit code 2",
         "ways.what_cannot_be_used_is_named_before_anything_is_sent",
         "ways.what_is_not_needed_stops_nothing"),
    _row(88, "A server on this machine, and a proxy in the environment", "never reached through it",
         "ways.a_loopback_server_is_never_reached_through_a_proxy"),
    _row(89, "A continuation does not follow the text", "a paragraph of its own, and that is said",
         "continuing.what_does_not_follow_is_kept_apart_and_said_so", says=APART),
    _row(90, "A server does not take the beginning of a reply",
         "asked in a turn of its own, and that is said",
         "continuing.one_that_refuses_it_is_asked_in_a_turn_of_its_own"),
    _row(91, "A library warns in the middle of a reply", "in the log of `--debug`, and not on the screen",
         "library_output.two_credentials_say_nothing_on_the_screen"),
)  # fmt: skip

GROUPS: Sequence[tuple[str, Sequence[Row]]] = (
    ("The wire and the network", NETWORK),
    ("The API", API),
    ("The process and the terminal", PROCESS),
    ("Files and configuration", FILES),
    ("Other servers", SERVERS),
    ("The way to the server", WAY),
)
ROWS = tuple(row for _, rows in GROUPS for row in rows)
REHEARSED = frozenset(row.number for row in (*NETWORK, *API, *SERVERS))
"""The rows that the fault lab can play, with a test of their number."""


# -- playing -----------------------------------------------------------------------------------


def note_of(result: Result) -> str:
    """The sentence of the chat after a reply, or ""."""
    add_context(result.reply.error, KEYED)
    return outcome_note(result.reply) or ""


def note_for(fault: Fault) -> str:
    """The sentence of the chat about a fault that lasts."""
    armed = parse(f"{fault.name}:1x9" if fault.counts == "segundos" and fault.row < 29 else f"{fault.name}x9")
    with PracticeServer(scenarios=[COUNTING], pace=0) as server:
        server.lab.arm(armed)
        retry = RetryPolicy(attempts=2, base=0.01, longest=0.02)
        timeouts = IMPATIENT if fault.name in _SILENT else Timeouts()  # no other fault is one of time
        return note_of(read_sync(server.base_url, retry=retry, timeouts=timeouts))


# -- the page ----------------------------------------------------------------------------------

_HEAD = """\
# Faults

What can go wrong, what a person gets then, and the test that holds it. This page is made from
`tests/support/faults.py` (`make faults`), the sentences by playing each fault; a test compares.

Whatever goes wrong: what had arrived stays on the screen, one sentence says what happened and what to do,
the prompt comes back, and the next question works. Only a request whose first text has not come yet is sent
again, never silently. No traceback, no page of HTML and no key is ever shown. In the one-shot mode the
sentence goes to stderr, and the exit code is 1 where no other is named.

The names under "rehearse" are those of practice mode: `/fallo corte:12` in the chat, `--fault corte:12`
with `--practice` on the command line.
"""


def page() -> Iterator[str]:
    """The lines of `docs/faults.md`."""
    yield from _HEAD.splitlines()
    for title, rows in GROUPS:
        yield from ("", f"## {title}", "")
        yield "| no. | fault | rehearse | what a person gets | what is said | held by |"
        yield "|---|---|---|---|---|---|"
        yield from map(_line, rows)


def _line(row: Row) -> str:
    faults = [fault for fault in load() if fault.row == row.number]
    names = ", ".join(f"`{fault.name}`" for fault in faults)
    said = [row.says] if row.says else list(dict.fromkeys(filter(None, map(note_for, faults))))
    tests = "<br>".join(f"`{test}`" for test in row.tests)
    return f"| {row.number} | {row.fault} | {names} | {row.gets} | {'<br>'.join(said)} | {tests} |"


if __name__ == "__main__":
    sys.stdout.write("\n".join(page()) + "\n")
