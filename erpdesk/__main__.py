"""``python -m erpdesk`` is the same as ``erpdesk``."""

import sys

from erpdesk.cli import main

sys.exit(main())
