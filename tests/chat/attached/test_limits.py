"""What is said before files are sent."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from stream_core.chat.attached.limits import may_be_refused, objection, upload_note, warning
from stream_core.config.connection import Connection
from stream_core.config.local_model import LocalModel
from stream_core.config.settings import Settings
from stream_core.core.attachments import Attachment
from stream_core.core.file_kinds import PDF, TEXT
from stream_core.models.model_list import ListedModel

OURS = Settings()
OTHER = Settings(connection=Connection(base_url="http://127.0.0.1:1"))
MB = 1 << 20


def attached(media_type: str, size: int = 9, detail: str = "", tokens: int = 9) -> Attachment:
    return Attachment("a", media_type, size, "0" * 64, tokens, detail)


@pytest.mark.parametrize(
    ("files", "told"),
    [
        ([], ""),
        ([attached("image/png", detail="8000×8000")], ""),
        ([attached("image/png", detail="8001×10")], "8000×8000"),
        ([attached("image/png", detail="2001×10")] * 21, "2000×2000"),
        ([attached("image/png", size=4 * MB)], "3.9 MB"),
        ([attached("image/png")] * 601, "600 imágenes"),
        ([attached(PDF, detail="600 páginas")], ""),
        ([attached(PDF, detail="601 páginas")], "600 páginas"),
        ([attached(PDF, detail="1,200 páginas")], "600 páginas"),
        ([attached(TEXT, size=9 * MB)] * 4, "--chunked"),
        ([attached(PDF, size=9 * MB)] * 3, "sería de 36.0 MB"),
        ([attached(TEXT, tokens=1_000_001)], "1,000,000"),
    ],
)
def test_the_limits_of_the_api(files: list[Attachment], told: str) -> None:
    found = objection(files, OURS)
    assert told in found and bool(found) == bool(told)
    assert objection(files, OTHER) == ""


def test_what_is_uploaded_counts_for_no_request() -> None:
    """Where the server keeps files: Anthropic's, or one that the person names with the option."""
    large = [attached(PDF, size=25 * MB)]
    assert objection(large, OURS) == "" and "30 días" in upload_note(large, OURS)
    never = replace(OURS, preferences=OURS.preferences.changed({"upload_over": 0}))
    assert "--upload-over" in objection(large, never) and upload_note(large, never) == ""
    assert upload_note(large, OTHER) == ""
    told = replace(OTHER, origin=OTHER.origin.decided({"upload_over"}, "--upload-over"))
    assert "30 días" in upload_note(large, told)


def test_a_model_that_is_known_to_see_nothing() -> None:
    listed = (ListedModel(OURS.model, accepts=("pdf_input",)),)
    for settings in (replace(OURS, listed=listed), replace(OTHER, listed=listed)):
        assert "no admite imágenes" in objection([attached("image/png")], settings)
        assert objection([attached(PDF)], settings) == ""


def test_the_model_of_this_machine_reads_text_only() -> None:
    """Its server would pass over a PDF in silence, and the model would invent what stands in it."""
    local = Settings(connection=Connection(local=LocalModel(Path("modelo.gguf"), included=False)))
    assert "y no PDF" in objection([attached(PDF), attached("image/png")], local)
    assert "y no imágenes" in objection([attached("image/png"), attached(TEXT)], local)
    assert objection([attached(TEXT)], local) == warning([attached(TEXT)], local) == ""


def test_another_server_is_asked_what_its_models_take() -> None:
    """For what is no text, until its list is known; of a model that the list tells of nothing is in doubt."""
    image = [attached("image/png")]
    assert may_be_refused(image, OTHER) and not may_be_refused([attached(TEXT)], OTHER)
    assert not may_be_refused(image, OURS)
    sees = replace(OTHER, listed=(ListedModel(OURS.model, accepts=("image_input",)),))
    assert not may_be_refused(image, sees) and warning(image, sees) == objection(image, sees) == ""
    blind = replace(OTHER, listed=(ListedModel(OURS.model, accepts=()),))
    assert "no admite imágenes ni PDF" in objection([*image, attached(PDF)], blind)


def test_another_server_may_not_take_files() -> None:
    assert "imágenes o PDF" in warning([attached("image/png"), attached(PDF)], OTHER)
    assert warning([attached(TEXT)], OTHER) == warning([attached(PDF)], OURS) == ""
