"""Test disks: file systems in image files, which can be filled up and can lose power."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import tempfile
import time
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

JOURNALLED: Final = ("ext4", "xfs", "btrfs")
KINDS: Final = ("tmpfs", *JOURNALLED)
_MAKE: Final[Mapping[str, tuple[str, ...]]] = {
    "ext4": ("mkfs.ext4", "-q", "-F", "-m", "0"),
    "xfs": ("mkfs.xfs", "-q", "-f"),
    "btrfs": ("mkfs.btrfs", "-q", "-f"),
}
_MEGABYTES: Final = {"tmpfs": 4, "ext4": 16, "xfs": 320, "btrfs": 128}
_LONGEST_LOOK: Final = 5.0
_PIECES: Final = (1 << 20, 65_536, 4096, 512, 1)


def _do(*command: str) -> None:
    subprocess.run(command, check=True, capture_output=True)


def _do_patiently(*command: str) -> None:
    """Run a command, and retry while another process uses the disk."""
    until = time.monotonic() + _LONGEST_LOOK
    while True:
        try:
            return _do(*command)
        except subprocess.CalledProcessError:
            if time.monotonic() > until:
                raise
            time.sleep(0.1)


@cache
def why_not(kind: str) -> str:
    """The reason why this kind of disk is unavailable here; empty if it is available."""
    if os.geteuid() != 0:
        return "mounting a disk requires root"
    if kind in _MAKE and shutil.which(_MAKE[kind][0]) is None:
        return f"{_MAKE[kind][0]} is not installed"
    try:
        with disk_of(kind):
            return ""
    except subprocess.CalledProcessError:
        return f"no {kind} can be mounted here"


def install() -> None:
    """Install file-system tools, strace and faketime if that is possible without a prompt."""
    needed = {"strace": "strace", "mkfs.ext4": "e2fsprogs", "mkfs.xfs": "xfsprogs"}
    needed |= {"mkfs.btrfs": "btrfs-progs", "faketime": "faketime"}
    packages = [package for program, package in needed.items() if shutil.which(program) is None]
    if packages and os.geteuid() == 0 and shutil.which("apt-get"):
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        for command in (["apt-get", "update"], ["apt-get", "install", "-y", *packages]):
            subprocess.run(command, check=False, capture_output=True, env=environment)


@dataclass
class Disk:
    """A mounted disk; a tmpfs has no `image`."""

    kind: str
    folder: Path
    image: Path | None

    def mount(self) -> None:
        """Mount the disk as after a reboot, so that the file system replays its journal."""
        if self.image is None:
            options = f"size={_MEGABYTES[self.kind]}m,mode=0700"
            _do("mount", "-t", "tmpfs", "-o", options, "none", str(self.folder))
        else:
            # Another process may still use the original of which this disk is a copy.
            options = "loop,nouuid" if self.kind == "xfs" else "loop"
            _do_patiently(
                "mount", "-t", self.kind, "-o", options, str(self.image), str(self.folder)
            )

    def unmount(self) -> None:
        """Unmount the disk."""
        _do_patiently("umount", str(self.folder))

    def settle(self) -> None:
        """Sync all data to the disk."""
        _do("sync", "-f", str(self.folder))

    def cut_power(self) -> None:
        """Simulate a power cut: continue with a copy of the image, made without a sync."""
        assert self.image is not None
        copy = self.image.with_suffix(".copy")
        _do("cp", "--sparse=always", str(self.image), str(copy))
        self.unmount()
        copy.replace(self.image)
        self.mount()

    def fill(self) -> None:
        """Fill the disk to its last block; fill it again if space has become free."""
        descriptor = os.open(self.folder / "filling", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            for size in _PIECES:
                with contextlib.suppress(OSError):
                    while os.write(descriptor, os.urandom(size)):
                        pass
            with contextlib.suppress(OSError):
                os.fsync(descriptor)
        finally:
            os.close(descriptor)


@contextlib.contextmanager
def disk_of(kind: str) -> Iterator[Disk]:
    """A new, empty disk of the given kind, which is removed at the end of the block."""
    fast = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=fast if fast.is_dir() else None) as name:
        folder = Path(name) / "disk"
        folder.mkdir()
        image = None
        if kind in _MAKE:
            image = Path(name) / "image"
            with image.open("wb") as file:
                file.truncate(_MEGABYTES[kind] << 20)
            _do(*_MAKE[kind], str(image))
        disk = Disk(kind, folder, image)
        disk.mount()
        try:
            yield disk
        finally:
            disk.unmount()
