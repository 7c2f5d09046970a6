"""``python -m gaitbook`` is the command ``gaitbook``."""

import sys

from gaitbook.cli import main

sys.exit(main())
