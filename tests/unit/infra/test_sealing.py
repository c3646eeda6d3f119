"""What is sealed opens under its key and its name alone, and by the cipher that it says."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest

from app.errors import InternalError
from app.infra.sealing import Keys, SealError, read_keys

KEY, OTHER = bytes(range(32)), bytes(32)


def test_a_published_vector_of_aes_256_gcm_opens() -> None:
    """Test case 14 of McGrew and Viega's specification of GCM: a nonce of zeros, the text, its tag."""
    sealed = bytes(12) + bytes.fromhex("cea7403d4d606b6e074ec5d3baf39d18d0d1c8a799996bf0265b98b5d48ab919")
    assert Keys({"k": bytes(32)}).open("k", sealed, "") == bytes(16)


def test_what_is_sealed_opens_again_and_no_two_are_alike() -> None:
    keys = Keys({"new": KEY, "old": OTHER})
    one, two = keys.seal(b"secret\0text", "prod"), keys.seal(b"secret\0text", "prod")
    assert one[0] == "new"
    assert one[1] != two[1]
    assert keys.open(*one, "prod") == b"secret\0text"
    assert Keys({"newer": OTHER, "new": KEY}).open(*one, "prod") == b"secret\0text"


def test_it_opens_for_no_other_name_under_no_other_key_and_never_when_changed() -> None:
    key_id, sealed = Keys({"k": KEY}).seal(b"secret", "prod")
    for keys, text, name in (
        (Keys({"k": KEY}), sealed, "staging"),
        (Keys({"k": OTHER}), sealed, "prod"),
        (Keys({"other": KEY}), sealed, "prod"),
        (Keys({"k": KEY}), sealed[:-1] + bytes([sealed[-1] ^ 1]), "prod"),
        (Keys({"k": KEY}), sealed[:10], "prod"),
    ):
        with pytest.raises(SealError):
            keys.open(key_id, text, name)


@pytest.mark.parametrize("content", ["k1", "k1:short", f"k1:{base64.b64encode(b'x' * 31).decode()}", ":AAAA"])
def test_a_file_that_holds_no_keys_stops_the_start(tmp_path: Path, content: str) -> None:
    path = tmp_path / "keys"
    path.write_text(content)
    with pytest.raises(InternalError, match="lines ID:KEY"):
        read_keys(path)


def test_the_first_key_of_a_file_is_the_newest(tmp_path: Path) -> None:
    path = tmp_path / "keys"
    path.write_text("".join(f"{name}:{base64.b64encode(KEY).decode()}\n" for name in ("b", "a")))
    assert read_keys(path).newest == "b"
    assert read_keys(None).newest == ""
