import errno
import os
import stat
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from microcred_cli.errors import ExitCode, StoreError
from microcred_cli.files import (
    HERE,
    NEUTRAL_TIME,
    InUseError,
    MissingError,
    as_store_error,
    create_durably,
    findings_on,
    lock,
    make_private_folder,
    neutralise_time,
    probe_writable,
    remove_durably,
    remove_leftovers,
    replace_durably,
)
from microcred_cli.files.platform import patiently
from microcred_cli.files.private_folder import check_private_folder
from microcred_cli.files.reading import read_file
from tests.files.like_windows import PROPERTIES, InUseByAnotherError

REFUSED_BY_POSIX = {"x" * 300: "too long", "a\ud800b": "can have this name"}
UNDER_A_FILE = "where a folder is needed" if os.name == "posix" else "no such file or folder"
OLD, NEW = b"old" * 3000, b"new" * 3000
LEFTOVER = ".a.json.0123456789abcdef.part"

systems = pytest.mark.usefixtures("_system")
posix = pytest.mark.skipif(not HERE.modes, reason="the system has no POSIX files")


@pytest.fixture(params=["this system", "a poorer one"])
def _system(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if request.param == "a poorer one":
        rely_on_nothing(monkeypatch)


def rely_on_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in PROPERTIES:
        monkeypatch.setattr(HERE, name, False)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if path.name != ".names.lock")


# Writing


@systems
def test_a_file_is_replaced_by_the_new_one(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    replace_durably(path, OLD)
    replace_durably(path, NEW)
    assert path.read_bytes() == NEW
    assert names(tmp_path) == ["a.json"]


@systems
def test_a_file_is_created_once_and_never_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    assert create_durably(path, OLD)
    assert not create_durably(path, NEW)
    assert path.read_bytes() == OLD
    assert names(tmp_path) == ["a.json"]
    assert path.stat().st_nlink == 1


@systems
def test_a_name_taken_by_anything_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "link").symlink_to("nowhere")
    assert not create_durably(tmp_path / "folder", NEW)
    assert not create_durably(tmp_path / "link", NEW)
    assert names(tmp_path) == ["folder", "link"]


@systems
def test_of_many_who_create_the_same_file_one_does(tmp_path: Path) -> None:
    made: list[bool] = []
    threads = [
        threading.Thread(
            target=lambda n=n: made.append(create_durably(tmp_path / "a", bytes([n]) * 5000))
        )
        for n in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(made) == [False] * 7 + [True]
    assert len(set((tmp_path / "a").read_bytes())) == 1
    assert names(tmp_path) == ["a"]


def test_a_long_file_is_written_piece_by_piece(tmp_path: Path) -> None:
    create_durably(tmp_path / "a", (b"%d\n" % n for n in range(100_000)))
    assert (tmp_path / "a").read_bytes().split(b"\n")[99_999] == b"99999"


@pytest.mark.parametrize("write", [replace_durably, create_durably])
def test_when_the_pieces_fail_nothing_is_left(
    tmp_path: Path, write: Callable[[Path, Iterator[bytes]], Any]
) -> None:
    def pieces() -> Iterator[bytes]:
        yield b"x" * 100_000
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write(tmp_path / "a", pieces())
    assert names(tmp_path) == []


@posix
def test_a_file_is_for_its_user_alone_whatever_the_umask(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        replace_durably(tmp_path / "a", NEW)
        create_durably(tmp_path / "b", NEW)
        make_private_folder(tmp_path / "c" / "d")
        with lock(tmp_path / "e"):
            pass
    finally:
        os.umask(before)
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in tmp_path.rglob("*")}
    assert modes == {"a": 0o600, "b": 0o600, "c": 0o700, "d": 0o700, "e": 0o600}


@systems
def test_neither_file_nor_folder_tells_when_it_was_written(tmp_path: Path) -> None:
    def times(*paths: Path) -> set[float]:
        return {path.stat().st_mtime for path in paths}

    create_durably(tmp_path / "a", NEW, still=True)
    assert times(tmp_path / "a", tmp_path) == {NEUTRAL_TIME}
    replace_durably(tmp_path / "b", NEW, still=True)
    assert times(tmp_path / "b", tmp_path) == {NEUTRAL_TIME}
    remove_durably(tmp_path / "b", still=True)
    assert times(tmp_path) == {NEUTRAL_TIME}
    probe_writable(tmp_path, still=True)
    assert times(tmp_path) == {NEUTRAL_TIME}
    with lock(tmp_path / "c", still=True):
        assert times(tmp_path / "c", tmp_path) == {NEUTRAL_TIME}
    with lock(tmp_path / "c", still=True, remove=True):
        pass
    assert times(tmp_path) == {NEUTRAL_TIME}
    (tmp_path / "d").touch()
    neutralise_time(tmp_path / "d")
    assert times(tmp_path / "d", tmp_path) == {NEUTRAL_TIME}


# Removing


@systems
def test_removed_files_are_gone_with_what_a_crash_left_of_them(tmp_path: Path) -> None:
    for name in ("a.json", "b.json", LEFTOVER, ".c.json.0123456789abcdef.part"):
        (tmp_path / name).touch()
    remove_durably(
        tmp_path / "a.json",
        tmp_path / "b.json",
        tmp_path / "missing",
        tmp_path / "no" / "folder",
    )
    assert names(tmp_path) == [".c.json.0123456789abcdef.part"]


def test_a_folder_is_not_removed_for_a_file(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    with pytest.raises(StoreError):
        remove_durably(tmp_path / "a")


@posix
def test_leftovers_are_removed_when_they_are_named_or_old_and_nothing_else_is(
    tmp_path: Path,
) -> None:
    (tmp_path / "a.json").touch()
    (tmp_path / LEFTOVER).hardlink_to(tmp_path / "a.json")
    (tmp_path / LEFTOVER.replace("a.json", "young")).touch()
    for name in (".hidden", "a.part", ".a.json.part", ".a.json.0123456789ABCDEF.part"):
        (tmp_path / name).touch()
    (tmp_path / LEFTOVER.replace("a.json", "folder")).mkdir()
    others = set(names(tmp_path)) - {LEFTOVER}
    assert remove_leftovers(tmp_path) == 1
    assert set(names(tmp_path)) == others
    assert remove_leftovers(tmp_path, older_than=-60) == 1
    assert set(names(tmp_path)) == others - {LEFTOVER.replace("a.json", "young")}


# An error and a crash at every step


class Boundary:
    """Acts before the n-th system call of this thread."""

    def __init__(self) -> None:
        self.left = 0
        self.at = ""
        self.act: Callable[[], None] | None = None
        self.thread = 0
        sys.addaudithook(self._seen)

    def _seen(self, event: str, _: object) -> None:
        if self.act is None or threading.get_ident() != self.thread:
            return
        if event.startswith(self.at or ("open", "os.", "fcntl.")):
            self.left -= 1
            if self.left == 0:
                self.act()

    def run(
        self, number: int, act: Callable[[], None], operation: Callable[[], Any], at: str = ""
    ) -> bool:
        """Whether the operation reached its n-th step (counting only those named in `at`)."""
        self.left, self.at, self.act = number, at, act
        self.thread = threading.get_ident()
        try:
            operation()
        finally:
            self.act = None
        return self.left <= 0


BOUNDARY = Boundary()


def fail(number: int) -> Callable[[], None]:
    def act() -> None:
        raise OSError(number, os.strerror(number))

    return act


def crash_at_every_step(operation: Callable[[], Any], check: Callable[[], None]) -> int:
    """Kill a copy of this process before each step of an operation; returns the number of steps."""
    for step in range(1, 100):
        child = os.fork()
        if child == 0:
            try:
                BOUNDARY.run(step, lambda: os._exit(9), operation)
            finally:
                os._exit(0)
        killed = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 9
        check()
        if not killed:
            return step
    raise AssertionError("the operation does not end")


forking = pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
stills = pytest.mark.parametrize("still", [False, True], ids=["", "still"])


@posix
@forking
@systems
@stills
def test_a_crash_while_replacing_leaves_the_old_file_or_the_new(
    tmp_path: Path, still: bool
) -> None:
    path = tmp_path / "a.json"
    path.write_bytes(OLD)

    def check() -> None:
        assert path.read_bytes() in (OLD, NEW)
        remove_leftovers(tmp_path, older_than=-60)
        assert names(tmp_path) == ["a.json"]
        path.write_bytes(OLD)

    steps = crash_at_every_step(lambda: replace_durably(path, NEW, still=still), check)
    assert steps > 3


@posix
@forking
@systems
@stills
def test_a_crash_while_creating_leaves_no_file_or_a_whole_one(tmp_path: Path, still: bool) -> None:
    path = tmp_path / "a.json"

    def check() -> None:
        there = path.exists()
        assert not there or path.read_bytes() == NEW
        assert create_durably(path, NEW, still=still) != there
        assert path.read_bytes() == NEW
        remove_leftovers(tmp_path, older_than=-60)
        assert names(tmp_path) == ["a.json"]
        assert path.stat().st_nlink == 1
        path.unlink()

    steps = crash_at_every_step(lambda: create_durably(path, NEW, still=still), check)
    assert steps > 4


@posix
@forking
def test_a_crash_while_removing_can_be_finished(tmp_path: Path) -> None:
    path = tmp_path / "a.json"

    def begin() -> None:
        path.write_bytes(OLD)
        (tmp_path / LEFTOVER).write_bytes(OLD)

    def check() -> None:
        assert not path.exists() or path.read_bytes() == OLD
        remove_durably(path)
        assert names(tmp_path) == []
        begin()

    begin()
    assert crash_at_every_step(lambda: remove_durably(path), check) > 3


def fault_at_every_step(
    number: int, operation: Callable[[], Any], check: Callable[[str | None], None]
) -> int:
    """Let each step of an operation fail in turn; `check` gets the error message or None."""
    for step in range(1, 100):
        said = None
        reached = True
        try:
            reached = BOUNDARY.run(step, fail(number), operation)
        except StoreError as error:
            said = error.message
        check(said)
        if not reached:
            return step
    raise AssertionError("the operation does not end")


@systems
@stills
def test_a_fault_while_replacing_leaves_the_old_file_until_the_new_one_is_in_place(
    tmp_path: Path, still: bool
) -> None:
    path = tmp_path / "a.json"
    path.write_bytes(OLD)
    outcomes = []

    def check(said: str | None) -> None:
        outcomes.append((said, path.read_bytes()))
        assert names(tmp_path) == ["a.json"]
        path.write_bytes(OLD)

    fault_at_every_step(errno.EIO, lambda: replace_durably(path, NEW, still=still), check)
    fault = "The disk reported an error."
    in_place = outcomes.index((fault, NEW)) if (fault, NEW) in outcomes else -1
    assert set(outcomes[:in_place]) == {(fault, OLD)}
    assert set(outcomes[in_place:-1]) <= {(fault, NEW)}
    assert outcomes[-1] == (None, NEW)


@systems
@stills
def test_after_a_fault_while_creating_the_name_is_free(tmp_path: Path, still: bool) -> None:
    path = tmp_path / "a.json"

    def check(said: str | None) -> None:
        if said is None:
            assert path.read_bytes() == NEW
            path.unlink()
            remove_leftovers(tmp_path, older_than=-60)
        else:
            assert said == "The disk is full."
        assert names(tmp_path) == []

    steps = fault_at_every_step(errno.ENOSPC, lambda: create_durably(path, NEW, still=still), check)
    assert steps > 3


def test_where_links_are_refused_the_other_way_is_taken(tmp_path: Path) -> None:
    BOUNDARY.run(1, fail(errno.EPERM), lambda: create_durably(tmp_path / "a", NEW), at="os.link")
    assert (tmp_path / "a").read_bytes() == NEW
    assert not create_durably(tmp_path / "a", OLD)


@posix
def test_a_file_that_cannot_grow_is_reported_and_the_old_one_kept(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(OLD)
    program = f"""
import resource, sys
from pathlib import Path
from microcred_cli.errors import StoreError
from microcred_cli.files import create_durably, replace_durably
resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))
for write, name in ((replace_durably, "a"), (create_durably, "b")):
    try:
        write(Path({str(tmp_path)!r}) / name, b"x" * 100_000)
    except StoreError as error:
        print(error.message)
"""
    said = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)
    assert said.stdout.decode().count("larger than the system allows") == 2
    assert (tmp_path / "a").read_bytes() == OLD
    assert names(tmp_path) == ["a"]


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (errno.EACCES, "permission to read or write"),
        (errno.EPERM, "permission to read or write"),
        (errno.EROFS, "read-only"),
        (errno.ENOSPC, "full"),
        (errno.EDQUOT, "disk quota"),
        (errno.EIO, "reported an error"),
        (errno.EMFILE, "Too many files"),
        (errno.ENAMETOOLONG, "too long"),
        (errno.ELOOP, "symbolic link"),
        (errno.ENOTDIR, "where a folder is needed"),
        (errno.ENOENT, "no such"),
        (errno.EBUSY, "The system reported an error: "),
        (None, "The system reported an error: "),
    ],
)
def test_every_fault_is_said_in_words_with_its_mend(number: int | None, said: str) -> None:
    error = as_store_error(OSError(number, "it says \x1b[2J"), Path("fold\x1b/a"))
    assert said in error.message
    assert "\x1b" not in error.message
    assert error.where == str(Path("fold\x1b/a"))
    assert error.hint
    assert error.exit_code is ExitCode.STORAGE
    assert isinstance(error, MissingError) == (number == errno.ENOENT)


def test_real_faults_are_said_in_words(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for path, said in {
        tmp_path / "file" / "a": UNDER_A_FILE,
        tmp_path / "missing" / "a": "no such",
        tmp_path / "a\0b": "can have this name",
        **{tmp_path / name: said for name, said in REFUSED_BY_POSIX.items() if HERE.modes},
    }.items():
        for write in (replace_durably, create_durably):
            with pytest.raises(StoreError, match=said):
                write(path, NEW)


# Files held open by a virus scanner


def test_a_file_that_a_scanner_holds_is_tried_again_six_times() -> None:
    tries = 0

    def succeed_at_last() -> None:
        nonlocal tries
        tries += 1
        if tries < 6:
            raise InUseByAnotherError

    patiently(succeed_at_last, pauses=[0] * 5)
    assert tries == 6
    tries = -10
    with pytest.raises(InUseByAnotherError):
        patiently(succeed_at_last, pauses=[0] * 5)
    assert tries == -4


@pytest.mark.parametrize("error", [PermissionError(), PermissionError(errno.EACCES, "no")])
@posix
def test_another_refusal_is_not_tried_again(error: PermissionError) -> None:
    tries = 0

    def refuse() -> None:
        nonlocal tries
        tries += 1
        raise error

    with pytest.raises(PermissionError):
        patiently(refuse)
    assert tries == 1


def test_a_file_that_another_program_keeps_open_is_said_to_be_in_use(tmp_path: Path) -> None:
    said = as_store_error(InUseByAnotherError(), tmp_path)
    assert said.message == "Another program is using this file."


def refusing_to_open(monkeypatch: pytest.MonkeyPatch, times: int) -> None:
    """Let opening a file fail so often, as on Windows while another process removes the file."""
    monkeypatch.setattr(HERE, "removes_open", False)
    monkeypatch.setattr("microcred_cli.files.platform.time.sleep", lambda _: None)
    really, left = os.open, [PermissionError(errno.EACCES, "refused")] * times

    def opened(*arguments: Any, **how: Any) -> int:
        if left:
            raise left.pop()
        return really(*arguments, **how)

    monkeypatch.setattr(os, "open", opened)


def test_a_lock_file_that_is_being_removed_is_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    refusing_to_open(monkeypatch, 3)
    with lock(tmp_path / "lock", remove=True):
        assert names(tmp_path) == ["lock"]
    assert names(tmp_path) == []


def test_a_file_that_is_being_replaced_is_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a").write_bytes(NEW)
    refusing_to_open(monkeypatch, 3)
    assert read_file(tmp_path / "a") == NEW


def test_a_lock_file_that_is_always_refused_is_a_refusal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    refusing_to_open(monkeypatch, 100)
    with pytest.raises(StoreError, match="do not have permission"), lock(tmp_path / "lock"):
        pass


# Folders


@systems
def test_a_folder_is_made_with_those_above_it_and_may_be_there(tmp_path: Path) -> None:
    for _ in range(2):
        make_private_folder(tmp_path / "a" / "b" / "c")
        check_private_folder(tmp_path / "a" / "b" / "c")


def test_a_folder_is_made_below_the_working_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    make_private_folder(Path("a/b"))
    assert (tmp_path / "a" / "b").is_dir()


def test_a_folder_cannot_be_made_where_a_file_stands(tmp_path: Path) -> None:
    (tmp_path / "a").touch()
    with pytest.raises(StoreError, match="where a folder is needed"):
        make_private_folder(tmp_path / "a")
    with pytest.raises(StoreError, match=UNDER_A_FILE):
        make_private_folder(tmp_path / "a" / "b")


def test_a_folder_cannot_be_made_where_a_link_leads_nowhere(tmp_path: Path) -> None:
    (tmp_path / "broken").symlink_to("nowhere")
    with pytest.raises(StoreError, match="where a folder is needed"):
        make_private_folder(tmp_path / "broken")


def test_a_missing_folder_is_told_apart(tmp_path: Path) -> None:
    with pytest.raises(MissingError):
        check_private_folder(tmp_path / "a")
    with pytest.raises(MissingError):
        probe_writable(tmp_path / "a")


def test_a_link_and_a_file_are_no_private_folder(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path)
    (tmp_path / "file").touch()
    with pytest.raises(StoreError, match="symbolic link"):
        check_private_folder(tmp_path / "link")
    with pytest.raises(StoreError, match="where a folder is needed"):
        check_private_folder(tmp_path / "file")


@posix
@pytest.mark.parametrize("mode", [0o770, 0o720, 0o702, 0o777, 0o1777])
def test_a_folder_that_others_may_write_in_is_refused(tmp_path: Path, mode: int) -> None:
    folder = tmp_path / "a"
    folder.mkdir()
    folder.chmod(mode)
    with pytest.raises(StoreError, match="Other users can write") as refusal:
        check_private_folder(folder)
    assert "chmod 700" in refusal.value.hint
    with pytest.MonkeyPatch.context() as monkeypatch:
        rely_on_nothing(monkeypatch)
        check_private_folder(folder)
    folder.chmod(0o755)
    check_private_folder(folder)


@posix
def test_another_users_folder_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "a"
    folder.mkdir()
    try:
        os.chown(folder, 12345, -1)
    except PermissionError:
        pytest.skip("changing the owner of a folder requires root")
    with pytest.raises(StoreError, match="another user"):
        check_private_folder(folder)


def test_a_folder_is_probed_without_a_trace(tmp_path: Path) -> None:
    probe_writable(tmp_path)
    assert names(tmp_path) == []


def test_a_probe_that_a_crash_left_goes_with_the_next_look(tmp_path: Path) -> None:
    (tmp_path / ".probe.0123456789abcdef.part").write_bytes(b"x")
    (tmp_path / ".record.0123456789abcdef.part").write_bytes(b"x")
    assert remove_leftovers(tmp_path) == 1
    assert names(tmp_path) == [".record.0123456789abcdef.part"]


@posix
def test_a_folder_that_cannot_be_written_is_found_out(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    try:
        if os.access(tmp_path, os.W_OK):
            pytest.skip("root can write everywhere")
        with pytest.raises(StoreError, match="permission to read or write"):
            probe_writable(tmp_path)
    finally:
        tmp_path.chmod(0o700)


# Locks


def test_a_lock_is_held_by_one_at_a_time(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    with lock(path):
        with pytest.raises(InUseError, match="in use in another window"), lock(path):
            pass
        with lock(tmp_path / "another"):
            pass
    with lock(path):
        pass


def test_a_file_that_was_only_read_may_fail_to_close(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "record"
    path.write_bytes(b"answers")
    real = os.close

    def failing(descriptor: int) -> None:
        real(descriptor)
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    monkeypatch.setattr(os, "close", failing)
    with lock(tmp_path / "lock"):
        assert read_file(path) == b"answers"


def test_a_lock_is_waited_for(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    done: list[str] = []

    def wait() -> None:
        with lock(path, wait=10):
            done.append("second")

    with lock(path):
        thread = threading.Thread(target=wait)
        thread.start()
        thread.join(0.1)
        done.append("first")
    thread.join()
    assert done == ["first", "second"]


def test_a_lock_file_goes_with_its_lock_if_asked(tmp_path: Path) -> None:
    with lock(tmp_path / "a", remove=True), lock(tmp_path / "b"):
        assert names(tmp_path) == ["a", "b"]
    assert names(tmp_path) == ["b"]


def test_a_lock_holds_even_while_lock_files_come_and_go(tmp_path: Path) -> None:
    holders = most = 0

    def work() -> None:
        nonlocal holders, most
        for _ in range(50):
            with lock(tmp_path / "a", wait=30, remove=True):
                holders += 1
                most = max(most, holders)
                holders -= 1

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == 1


@posix
def test_a_lock_file_that_is_removed_at_the_last_moment_is_no_lock(tmp_path: Path) -> None:
    path = tmp_path / "lock"

    def hold() -> None:
        with lock(path), pytest.raises(InUseError), lock(path):
            pass

    assert BOUNDARY.run(1, path.unlink, hold, at="fcntl.flock")


def test_another_process_holds_its_lock_until_it_dies(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    program = f"""
from pathlib import Path
from microcred_cli.files import lock
with lock(Path({str(path)!r})):
    print("held", flush=True)
    input()
"""
    with subprocess.Popen(
        [sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline().strip() == b"held"
        with pytest.raises(InUseError), lock(path):
            pass
        holder.kill()
        holder.wait()
        with lock(path):
            pass


def test_a_planted_link_is_no_lock(tmp_path: Path) -> None:
    (tmp_path / "lock").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(StoreError, match="symbolic link"), lock(tmp_path / "lock"):
        pass
    assert not (tmp_path / "elsewhere").exists()


@posix
def test_a_hardened_process_keeps_to_itself(tmp_path: Path) -> None:
    program = f"""
import os, resource
from pathlib import Path
from microcred_cli.files import harden_process
harden_process()
Path({str(tmp_path / "a")!r}).touch()
print(*resource.getrlimit(resource.RLIMIT_CORE))
"""
    said = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)
    assert said.stdout.split() == [b"0", b"0"]
    assert stat.S_IMODE((tmp_path / "a").stat().st_mode) == 0o600


def test_the_disk_knows_no_terminal() -> None:
    program = "import sys, microcred_cli.files.strict_json; print(*sys.modules)"
    said = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)
    loaded = set(said.stdout.decode().split())
    assert not loaded & {"rich", "questionary", "prompt_toolkit", "typer"}


# Changes by other processes


class Vanishing:
    """Folder entries that each disappear when they are examined."""

    def __init__(self, folder: Path) -> None:
        self.entries = os.scandir(folder)

    def __enter__(self) -> "Vanishing":
        return self

    def __exit__(self, *_: object) -> None:
        self.entries.close()

    def __iter__(self) -> Iterator["VanishingEntry"]:
        return (VanishingEntry(entry) for entry in self.entries)


class VanishingEntry:
    def __init__(self, entry: os.DirEntry[str]) -> None:
        self.name, self.path = entry.name, entry.path

    def __fspath__(self) -> str:
        return self.path

    def is_file(self, **_: bool) -> bool:
        Path(self.path).unlink(missing_ok=True)
        return True


@systems
def test_a_leftover_that_another_process_just_removed_is_no_fault(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / LEFTOVER).touch()
    monkeypatch.setattr(
        "microcred_cli.files.atomic.os",
        SimpleNamespace(**{**vars(os), "scandir": lambda folder: Vanishing(folder)}),
    )
    assert remove_leftovers(tmp_path, older_than=-60) == 0


def test_where_a_leftover_vanishes_the_folder_is_synced_and_stilled_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a.json").touch()
    (tmp_path / LEFTOVER).touch()
    synced: list[int] = []
    monkeypatch.setattr(os, "fsync", synced.append)
    monkeypatch.setattr(
        "microcred_cli.files.atomic.os",
        SimpleNamespace(**{**vars(os), "scandir": lambda folder: Vanishing(folder)}),
    )
    remove_durably(tmp_path / "a.json", still=True)
    assert names(tmp_path) == []
    assert tmp_path.stat().st_mtime == NEUTRAL_TIME
    assert len(synced) == HERE.syncs_folders


def test_what_a_file_tells_of_itself_is_said(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    create_durably(path, NEW, still=True)
    assert findings_on(path) == ()
    path.touch()
    assert findings_on(path) == ("its modification time reveals when it was written",)
    path.chmod(0o644)
    both = ("other users have access to it", "its modification time reveals when it was written")
    assert findings_on(path)[-2:] == (both if HERE.modes else both[1:])
    with pytest.raises(MissingError):
        findings_on(tmp_path / "b")
