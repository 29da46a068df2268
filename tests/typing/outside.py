"""A program that only has `stream_core` installed: a type checker sees its types there (`.ci/package`)."""

from stream_core import (
    Conversation,
    Failed,
    Finished,
    Text,
    Usage,
    explain,
    open_client,
    practice_server,
    stream_reply,
)


def ask(question: str) -> Usage | None:
    """Ask the practice server."""
    conversation = Conversation()
    with practice_server() as url:
        client = open_client(base_url=url)
        messages = conversation.messages(question, model="claude-sonnet-5-5")
        with stream_reply(client, model="claude-sonnet-5-5", max_tokens=100, messages=messages) as stream:
            for delta in stream:
                match delta:
                    case Text():
                        text: str = delta.text
                        text.upper()
                        len(delta.wrong)  # type: ignore[attr-defined]  # an error, since the type is known
                    case Finished(usage=usage):
                        return usage
                    case Failed(error=error):
                        raise SystemExit(explain(error))
    return None


ask("Hola")
