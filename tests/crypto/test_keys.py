"""Keys: accepted forms, fingerprints, keys derived from resume codes, and key files."""

from __future__ import annotations

import re

import pyrage
import pytest

from microcred_cli.crypto import keys
from microcred_cli.crypto.age_format import MOST_WORK
from microcred_cli.crypto.keys import (
    LOCKED_SYMBOLS,
    WrongPassphraseError,
    checked_recipient,
    draft_key,
    fingerprint,
    identities_in,
    locked_with,
    new_identity,
    plain_file,
    public_of,
)
from microcred_cli.errors import UsageError
from microcred_cli.records.formats import FINGERPRINT_SYMBOLS
from microcred_cli.records.receipts import ALPHABET, show

SECRET = "AGE-SECRET-KEY-1EL44PRP62HRQRTHY0D33MZ69SKN3DEJPZXQ9X79PHQJNXJCWCQCS8P4H9K"
"""A key created for these tests; nothing else is encrypted to it."""
PUBLIC = "age10nmtvr56eupawag5yest20dxakw6keyherhfjw62czcyz8huk37qx8fl4v"
PASSPHRASE = "four words or five"
CHECKED = b"age-encryption.org/v1\n-> scrypt AAAAAAAAAAAAAAAAAAAAAA %d\n" + (
    b"A" * 43 + b"\n--- " + b"A" * 43 + b"\n" + b"x" * 40
)
"""A file whose passphrase has this work factor."""


def never() -> str:
    raise AssertionError("no passphrase is needed")


def opened(data: bytes, passphrase: str | None = None) -> tuple[str, ...]:
    return identities_in(data, "a.key", never if passphrase is None else lambda: passphrase)


class TestPublicKeys:
    def test_a_public_key_is_taken_as_it_is(self) -> None:
        assert checked_recipient(f" {PUBLIC}\n", "Key 1", "here") == PUBLIC

    @pytest.mark.parametrize("place", range(4, len(PUBLIC), 7))
    def test_one_wrong_letter_is_seen(self, place: int) -> None:
        wrong = "q" if PUBLIC[place] != "q" else "p"
        with pytest.raises(UsageError, match="Key 1 is not a public key"):
            checked_recipient(PUBLIC[:place] + wrong + PUBLIC[place + 1 :], "Key 1", "here")

    @pytest.mark.parametrize("key", [SECRET, SECRET.lower(), plain_file(SECRET).decode()])
    def test_a_secret_key_is_refused_and_never_quoted(self, key: str) -> None:
        with pytest.raises(UsageError) as caught:
            checked_recipient(key, "Key 1", "here")
        told = f"{caught.value.message} {caught.value.hint}"
        assert SECRET[-20:].casefold() not in told.casefold()

    def test_a_fingerprint_is_the_same_for_ever(self) -> None:
        assert show(fingerprint(PUBLIC)) == "VXFH-EXQN-PJK5-PM1G"

    def test_each_key_has_its_own_fingerprint(self) -> None:
        found = {fingerprint(new_identity()[1]) for _ in range(100)}
        assert len(found) == 100
        assert all(len(f) == FINGERPRINT_SYMBOLS and set(f) <= set(ALPHABET) for f in found)


class TestKeyFiles:
    def test_a_plain_one_is_as_age_keygen_writes_it(self) -> None:
        data = plain_file(SECRET)
        assert data == f"# public key: {PUBLIC}\n{SECRET}\n".encode()
        assert opened(data) == (SECRET,)

    def test_one_with_a_passphrase_holds_nothing_in_clear(self) -> None:
        data = locked_with(SECRET, PASSPHRASE)
        assert data.startswith(b"age-encryption.org/v1\n-> scrypt ")
        assert SECRET.encode() not in data
        with pytest.raises(WrongPassphraseError):
            opened(data, f"{PASSPHRASE} ")

    @pytest.mark.parametrize("factor", [MOST_WORK + 1, 40])
    def test_one_that_is_too_costly_is_not_called_wrong(self, factor: int) -> None:
        with pytest.raises(UsageError, match=f"work factor is {factor}, and at most") as caught:
            opened(CHECKED % factor, PASSPHRASE)
        assert not isinstance(caught.value, WrongPassphraseError)

    def test_one_that_is_too_costly_for_a_slow_machine_is_not_called_wrong(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def slow(data: bytes, passphrase: str) -> bytes:
            # The library refuses a factor that is far above what this machine does in a second.
            costly = data.replace(b" 20\n", b" 40\n")
            return bytes(pyrage.passphrase.decrypt(costly, passphrase))

        monkeypatch.setattr(keys, "_decrypted", slow)
        with pytest.raises(UsageError, match="work factor is 20, and this machine") as caught:
            opened(CHECKED % 20, PASSPHRASE)
        assert not isinstance(caught.value, WrongPassphraseError)

    def test_an_armoured_one_is_seen_to_need_a_passphrase(self) -> None:
        with pytest.raises(WrongPassphraseError):
            opened(b"-----BEGIN AGE ENCRYPTED FILE-----\nYWdl", PASSPHRASE)

    def test_one_can_have_several(self) -> None:
        other = new_identity()[0]
        assert opened(f"# two\n{SECRET}\n\n{other}\n".encode()) == (SECRET, other)

    @pytest.mark.parametrize(
        ("data", "said"),
        [
            (PUBLIC.encode(), "public key"),
            (b"", "no secret key"),
            (b"\xff\xfe", "UTF-16"),
            (b"\xfe\xfe", "not UTF-8"),
            (SECRET[:-1].encode(), "no secret key"),
            (b"AGE-PLUGIN-YUBIKEY-1QQQQ", "no secret key"),
            (f"{SECRET}\nrubbish".encode(), "no secret key"),
        ],
    )
    def test_what_is_none_is_said_and_not_quoted(self, data: bytes, said: str) -> None:
        with pytest.raises(UsageError, match=said) as caught:
            opened(data)
        assert SECRET[:30] not in f"{caught.value.message} {caught.value.hint}"
        assert caught.value.where == "a.key"


class TestDraftKeys:
    CODE = "0123456789ABCDE"

    def test_a_code_leads_to_the_same_key_for_ever(self) -> None:
        """Otherwise, a new version of the program could not open drafts of earlier versions."""
        assert len(self.CODE) == LOCKED_SYMBOLS
        key = draft_key(self.CODE)
        assert key.name == "d2e8eadd3d555856fda6"
        assert key.recipient == "age19n6wt4wpax7xz8vzqtzmzhmfgx5jpz6evldquuzerc4spelm5ajqs0czls"

    def test_it_is_a_pair_that_age_takes(self) -> None:
        key = draft_key(self.CODE)
        assert public_of(key.identity) == key.recipient
        encrypted = pyrage.encrypt(b"x", [pyrage.x25519.Recipient.from_str(key.recipient)])
        identity = pyrage.x25519.Identity.from_str(key.identity)
        assert pyrage.decrypt(encrypted, [identity]) == b"x"

    def test_the_name_and_the_key_tell_nothing_of_the_code_or_of_each_other(self) -> None:
        keys = [draft_key(self.CODE[:-1] + last) for last in "EFG"]
        assert len({key.name for key in keys}) == len({key.identity for key in keys}) == 3
        assert all(re.fullmatch("[0-9a-f]{20}", key.name) for key in keys)
        assert not any(key.name in key.identity.lower() for key in keys)
