"""Entry point of `python -m rca`."""

import sys

from rca.cli import main

sys.exit(main())
