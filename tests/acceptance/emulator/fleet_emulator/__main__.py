"""`python -m fleet_emulator -H 127.0.0.1 -p 5000`."""

from .server import main

main()
