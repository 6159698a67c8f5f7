"""Where an act is done: the account that is logged in to the computer, the computer, and the version of erpdesk."""

from __future__ import annotations

import os
import platform
from dataclasses import dataclass
from functools import cache

from erpdesk import __version__

UNKNOWN = "unknown"


@dataclass(frozen=True)
class Station:
    """One workstation as the audit trail names it; each text as this computer tells it, 'unknown' where it does not."""

    login: str
    machine: str
    version: str


def _windows_account() -> str:
    """``DOMAIN\\name`` as Windows itself knows it: an environment variable could be set by anybody."""
    import ctypes

    secur32 = getattr(ctypes, "windll").secur32  # noqa: B009  # only Windows has it, and the checker runs elsewhere
    sam_compatible = 2
    size = ctypes.c_ulong(256)
    name = ctypes.create_unicode_buffer(256)
    return name.value if secur32.GetUserNameExW(sam_compatible, name, ctypes.byref(size)) else ""


def account() -> str:
    """The account that is logged in to this computer: ``DOMAIN\\name`` on Windows."""
    if os.name == "nt":
        return _windows_account() or UNKNOWN
    import pwd

    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return UNKNOWN


@cache
def here() -> Station:
    """This workstation."""
    return Station(account()[:120], (platform.node() or UNKNOWN)[:80], __version__)
