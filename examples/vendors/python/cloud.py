"""The "cloud" of this vendor: a directory with one JSON file per account, named by its fleet_id.

What begins with a dot is not of the cloud: `.locks` has who works on what, `.fault` (written by the conformance kit, or by
you) names what goes wrong: the class of a problem in lower case ("throttled", "denied"), "lost_answer", "slow" or "human".
"""

import fcntl
import json
import os
import uuid
from contextlib import contextmanager
from pathlib import Path

from fleet.vending.v1beta1 import vending_pb2 as pb

# A fault's name is that of its class; "human" is one to wait for.
FAULTS = {name.removeprefix("PROBLEM_CLASS_").lower(): kind for name, kind in pb.ProblemClass.items()}
del FAULTS["human"]


class Failure(Exception):
    """A call that the cloud did not carry out, or did not answer."""

    def __init__(self, kind, message, looked_up=True):
        super().__init__(message)
        self.kind, self.message, self.looked_up = kind, message, looked_up

    def problem(self):
        return pb.Problem(**{"class": self.kind}, message=self.message, call="directory:Write", native_code=self.kind_name())

    def kind_name(self):
        return pb.ProblemClass.Name(self.kind).removeprefix("PROBLEM_CLASS_")


class Locked(Exception):
    """Another call, of this process or of another, works on the account."""


class Cloud:
    def __init__(self, directory):
        self.directory = directory
        self.at_work = set()

    def path(self, fleet_id):
        try:
            if str(uuid.UUID(fleet_id)) == fleet_id:
                return Path(self.directory, f"{fleet_id}.json")
        except ValueError:
            pass
        raise Failure(pb.PROBLEM_CLASS_INVALID, "The fleet_id is no UUID.", looked_up=False)

    def read(self, fleet_id):
        """The account, or None where there is none."""
        try:
            return json.loads(self.path(fleet_id).read_text("utf-8"))
        except FileNotFoundError:
            return None
        except (OSError, ValueError) as error:
            raise Failure(pb.PROBLEM_CLASS_UNEXPECTED, "The account's file cannot be read.", looked_up=False) from error

    def find(self, ref):
        """The account by its fleet_id, or, of an account that is to be imported, by the native_id alone."""
        if ref.fleet_id:
            return self.read(ref.fleet_id)
        accounts = (self.read(fleet_id) for fleet_id in self.ids())
        return next((account for account in accounts if account and account["native_id"] == ref.native_id), None)

    def ids(self):
        return sorted(path.stem for path in Path(self.directory).glob("[!.]*.json"))

    def create(self, fleet_id, account):
        """Makes the account. FileExistsError where there is one: of two runs exactly one makes it."""
        return self._put(self.path(fleet_id), account, os.link)

    def write(self, fleet_id, account):
        return self._put(self.path(fleet_id), account, os.replace)

    def _put(self, path, account, move):
        fault = self._fault()
        if fault in FAULTS:
            raise Failure(FAULTS[fault], "The directory did not take the account.")
        new = path.with_name(f".{path.name}.{uuid.uuid4()}")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with open(new, "x", encoding="utf-8") as file:
                json.dump(account, file, indent=2, sort_keys=True)
                file.flush()
                os.fsync(file.fileno())
            move(new, path)
            self._sync(path.parent)
        except FileExistsError:
            raise
        except OSError as error:
            raise Failure(pb.PROBLEM_CLASS_UNEXPECTED, f"The account's file cannot be written: {error.strerror}.") from error
        finally:
            new.unlink(missing_ok=True)
        if fault == "lost_answer":
            raise Failure(pb.PROBLEM_CLASS_UNANSWERED, "The directory did not answer.")
        return account

    @staticmethod
    def _sync(directory):
        handle = os.open(directory, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)

    def waits_for(self):
        """What a new account waits for before it is open; None when it is."""
        fault = self._fault()
        return fault if fault in ("slow", "human") else None

    def _fault(self):
        try:
            return Path(self.directory, ".fault").read_text("utf-8").strip()
        except OSError:
            return ""

    @contextmanager
    def lock(self, fleet_id):
        """Keeps every other call away from the account, also those of other processes; a crash gives it back."""
        path = self.path(fleet_id).with_name(".locks") / fleet_id
        path.parent.mkdir(parents=True, exist_ok=True)
        with open(path, "w", encoding="utf-8") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise Locked from None
            self.at_work.add(fleet_id)
            try:
                yield
            finally:
                self.at_work.discard(fleet_id)
