"""Runs MiniStack: `python -m emulator`, with MiniStack's own environment variables and those that ../stack/services.py sets."""

import ministack.app as app

from . import absent, answers, distribution, front_doors, limits, log_filters, provisioning, speed  # noqa: F401 (importing installs the patches)

app.main()
