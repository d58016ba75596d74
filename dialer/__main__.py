"""`python -m dialer`: the same as the command `dialer`."""

import sys

from dialer.cli import main

if __name__ == "__main__":
    sys.exit(main())
