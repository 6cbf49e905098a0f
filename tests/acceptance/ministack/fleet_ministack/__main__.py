"""`python -m fleet_ministack [--port PORT] [--end-with-parent]`: one JSON line on stdout says where it listens."""

import argparse
import asyncio
import json
import os
import socket
import sys
import threading


def end_with_parent():
    """Ends this process once the other end of stdin is closed."""
    sys.stdin.read()
    os._exit(0)


def main():
    """Serves on loopback until it is killed."""
    parser = argparse.ArgumentParser(prog="fleet_ministack")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--end-with-parent", action="store_true")
    options = parser.parse_args()
    if options.end_with_parent:
        threading.Thread(target=end_with_parent, daemon=True).start()

    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", options.port))
    listener.listen()
    port = listener.getsockname()[1]
    # ministack reads its settings where it is imported.
    os.environ.update({
        "BIND_HOST": "127.0.0.1",
        "GATEWAY_PORT": str(port),
        "SERVICES": "account,iam,organizations,sts,tagging",
        "LOG_LEVEL": "WARNING",
        # The caller's own init scripts and Docker are no part of a test.
        "DOCKER_HOST": "unix:///nonexistent",
    })

    from hypercorn.asyncio import serve
    from hypercorn.config import Config
    from ministack.app import app

    from . import iam, organizations

    iam.complete()
    organizations.complete()
    config = Config()
    config.bind = [f"fd://{listener.fileno()}"]
    print(json.dumps({"endpoint": f"http://127.0.0.1:{port}"}), flush=True)
    asyncio.run(serve(app, config))


main()
