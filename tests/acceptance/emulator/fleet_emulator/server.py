"""The process: one thread per connection on loopback."""

import argparse
import json
import logging
import os
import signal
import sys
import threading
import warnings

from moto.moto_server.werkzeug_app import DomainDispatcherApplication, MotoRequestHandler, create_backend_app
from werkzeug.serving import make_server

from . import account_api, iam, quotas, regional, sts  # noqa: F401  (each registers its backend with moto)
from .control import Emulator
from .kit import Kit
from .settings import SETTINGS


def end_with_parent():
    """Ends this process when stdin closes, which it does however the parent ends."""
    while sys.stdin.buffer.read(4096):
        pass
    os._exit(0)


def main(argv=None):
    """Serves until SIGTERM; the first line on stdout says where."""
    parser = argparse.ArgumentParser(prog="fleet_emulator", description="An AWS organization on loopback, for tests and the demo.")
    parser.add_argument("-H", "--host", default="127.0.0.1")
    parser.add_argument("-p", "--port", type=int, default=5000, help="0 takes a free one")
    parser.add_argument("--end-with-parent", action="store_true", help="end when stdin closes")
    parser.add_argument("--set", action="append", default=[], metavar="NAME=NUMBER", help="a setting, such as create_seconds=0.1")
    parser.add_argument("--fault-file", metavar="FILE", help="what goes wrong while the file is there: see `kit.FAULTS`")
    parser.add_argument("--witness", metavar="FILE", help="gets a line with each call that changes something")
    parser.add_argument("--verbose", action="store_true", help="log each request on stderr")
    options = parser.parse_args(argv)

    if not options.verbose:
        logging.getLogger("werkzeug").setLevel(logging.ERROR)
    # moto's model of STS names no AccessDenied; AWS answers it all the same.
    warnings.filterwarnings("ignore", message=".*does not match an error shape.*")
    application = Emulator(DomainDispatcherApplication(create_backend_app), Kit(options.fault_file, options.witness))
    SETTINGS.update({name: float(value) for name, value in (pair.split("=", 1) for pair in options.set)})
    server = make_server(options.host, options.port, application, threaded=True, request_handler=MotoRequestHandler)
    server.daemon_threads = True
    signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
    if options.end_with_parent:
        threading.Thread(target=end_with_parent, daemon=True).start()
    print(json.dumps({"endpoint": f"http://{options.host}:{server.server_port}"}), flush=True)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        pass
