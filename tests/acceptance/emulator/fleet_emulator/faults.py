"""Faults on demand: throttling, errors, held and cut answers; and a count of the calls."""

import threading
import time
from collections import Counter
from dataclasses import dataclass, field

KINDS = {
    "error": "answer with `code`, `reason` and `status`, nothing is done",
    "page": "answer with a page of HTML and `status`, nothing is done",
    "empty": "answer with `{}` and 200, nothing is done",
    "delay": "wait `seconds`, then do it",
    "hold": "do it, then wait `seconds` before answering",
    "drop": "do it, then cut the connection without an answer",
}


@dataclass
class Fault:
    """What happens to the next `times` calls of an operation."""

    operation: str
    """`*`: every one."""
    kind: str
    service: str | None = None
    times: int = 1
    seconds: float = 0.0
    code: str = "TooManyRequestsException"
    status: int = 400  # AWS Organizations throttles with 400, not 429.
    reason: str | None = None
    """The `Reason` of a ConstraintViolationException or an InvalidInputException."""
    message: str = "AWS Organizations can't complete your request because another request is already in progress. Try again later."

    def __post_init__(self):
        if self.kind not in KINDS:
            raise ValueError(f"there is no fault {self.kind!r}; there are {sorted(KINDS)}")

    def hits(self, service, operation):
        """Whether it is meant for this call."""
        return self.times > 0 and self.operation in (operation, "*") and self.service in (None, service)


@dataclass
class Faults:
    """The faults that wait for their call, and the calls seen so far."""

    waiting: list[Fault] = field(default_factory=list)
    calls: Counter = field(default_factory=Counter)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, fault):
        """Arms a fault."""
        with self.lock:
            self.waiting.append(fault)

    def take(self, service, operation):
        """Counts a call; gives the fault that hits it, or None."""
        with self.lock:
            self.calls[f"{service}:{operation}"] += 1
            for fault in self.waiting:
                if fault.hits(service, operation):
                    fault.times -= 1
                    return fault
        return None

    def forget_calls(self):
        """Counts from zero again."""
        with self.lock:
            self.calls.clear()

    def reset(self):
        """No faults, no calls."""
        with self.lock:
            self.waiting.clear()
            self.calls.clear()

    def calls_so_far(self):
        """`service:Operation` → count."""
        with self.lock:
            return dict(sorted(self.calls.items()))


def wait(seconds):
    """Lets a held or delayed call wait."""
    time.sleep(seconds)
