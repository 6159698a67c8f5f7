"""Whether a folder lies on a local fixed disk; a database on anything else loses locks or bytes."""

from __future__ import annotations

import sys
from pathlib import Path

NETWORK = frozenset(
    {"nfs", "nfs4", "cifs", "smb3", "smbfs", "afs", "9p", "ncpfs", "fuse.sshfs", "fuse.rclone", "davfs"}
)
SYNCHRONISED = ("onedrive", "dropbox", "google drive", "googledrive", "icloud")


def why_not_local(folder: Path, *, mounts: str | None = None) -> str | None:
    """Why a database must not lie in ``folder``, or None.

    ``mounts`` is the text of the mount table, for tests; it is read from the system otherwise.
    """
    whole = folder.absolute()
    text = str(whole)
    if text.startswith(("\\\\", "//")):
        return "it is a network share"
    for part in whole.parts:
        if part.lower().startswith(SYNCHRONISED):
            return f"it lies in a folder that is synchronised with other machines ({part})"
    if sys.platform == "win32":
        return _why_windows(whole)
    return _why_mounted(whole, mounts)


def _why_mounted(whole: Path, mounts: str | None) -> str | None:
    if mounts is None:
        table = Path("/proc/mounts")
        mounts = table.read_text(encoding="utf-8", errors="replace") if table.exists() else ""
    kind = _file_system(whole, mounts)
    return f"it is a network drive ({kind})" if kind in NETWORK else None


def _file_system(folder: Path, mounts: str) -> str:
    best, kind = "", ""
    for line in mounts.splitlines():
        parts = line.split()
        if len(parts) < 3:
            continue
        point = parts[1].replace("\\040", " ")
        inside = point == "/" or folder == Path(point) or Path(point) in folder.parents
        if inside and len(point) >= len(best):
            best, kind = point, parts[2]
    return kind


def _why_windows(folder: Path) -> str | None:
    import ctypes

    drive_remote = 4
    windll = getattr(ctypes, "windll")  # noqa: B009  # exists on Windows only, and the type checker runs on both
    if windll.kernel32.GetDriveTypeW(folder.anchor) == drive_remote:
        return f"{folder.anchor} is a network drive"
    return None
