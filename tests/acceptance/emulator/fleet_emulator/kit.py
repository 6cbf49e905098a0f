"""What the kit for vendors of accounts (`fleet-vending-conformance`) needs of a cloud: a file that says what goes wrong, for as
long as it is there, and one that changes with every change of the cloud.
"""

from pathlib import Path

from .faults import Fault

READS = ("Assume", "Describe", "Get", "Head", "List", "Search", "Simulate", "Validate")

# What fails, by the kit's name for it: whatever of these calls is made.
FAULTS = {
    # A new account's role that nobody can assume yet: waited for, and never for good.
    "slow": Fault("AssumeRole", "error", code="AccessDenied", status=403, message="The role is not there yet."),
    "lost_answer": Fault("CreateAccount", "drop"),
    "throttled": Fault("CreateAccount", "error", code="TooManyRequestsException", message="Too many requests."),
    "busy": Fault("CreateAccount", "error", code="ConcurrentModificationException", message="Another change is in progress."),
    "in_flight_limit": Fault(
        "CreateAccount",
        "error",
        code="ConstraintViolationException",
        reason="ACCOUNT_CREATION_RATE_LIMIT_EXCEEDED",
        message="Too many accounts are in creation.",
    ),
    "denied": Fault("CreateAccount", "error", code="AccessDeniedException", message="It is denied."),
    "invalid": Fault("CreateAccount", "error", code="InvalidInputException", reason="INVALID_PATTERN", message="It is not valid."),
    "quota": Fault(
        "CreateAccount",
        "error",
        code="ConstraintViolationException",
        reason="ACCOUNT_NUMBER_LIMIT_EXCEEDED",
        message="The organization has as many accounts as it may have.",
    ),
    "unsupported": Fault("CreateAccount", "error", code="UnsupportedAPIEndpointException", message="Not here."),
    "credentials": Fault("*", "error", code="ExpiredTokenException", message="The security token has expired."),
    "unexpected": Fault("CreateAccount", "error", code="SomethingElseException", message="Something else."),
}


class Kit:
    """The two files. Without them nothing goes wrong, and nothing is written."""

    def __init__(self, fault_file=None, witness=None):
        self.fault_file = Path(fault_file) if fault_file else None
        self.witness = Path(witness) if witness else None

    def fault(self, service, operation):
        """The fault that hits this call, or None."""
        try:
            name = self.fault_file.read_text("utf-8").strip() if self.fault_file else ""
        except FileNotFoundError:
            return None
        fault = FAULTS.get(name)
        return fault if fault and fault.hits(service, operation) else None

    def done(self, service, operation, line):
        """Leaves a trace of a call that changed something."""
        if self.witness and not operation.startswith(READS) and line.startswith("2"):
            with self.witness.open("a", encoding="utf-8") as file:
                file.write(f"{service}:{operation}\n")
