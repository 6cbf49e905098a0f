"""Each rule of the emulated AWS, over the wire with boto3."""
