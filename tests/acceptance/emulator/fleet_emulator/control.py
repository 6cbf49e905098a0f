"""`/fleet-emulator/…`: what tests ask of the emulator beside AWS's own API. All bodies are JSON.

    GET    /fleet-emulator/health      {"ready": true}
    GET    /fleet-emulator/status      accounts by name → {id, state}, requests in progress
    GET    /fleet-emulator/creates     [[from, to], …]: when each CreateAccount request was in progress, in seconds
    POST   /fleet-emulator/copies      {"like": "a", "accounts": [{"name": …, "email": …, "tags": {…}}]}: accounts like it
    GET    /fleet-emulator/calls       `service:Operation` → count
    DELETE /fleet-emulator/calls       counts from zero again
    GET    /fleet-emulator/agents      `service:Operation` → the header User-Agent of its last call
    GET    /fleet-emulator/sessions    the sessions of roles, in order: {role_arn, caller, policy_arns, policy,
                                       source_identity, transitive_tags}
    POST   /fleet-emulator/faults      {"operation": "CreateAccount", "kind": "drop", …} (see `faults.Fault`)
    DELETE /fleet-emulator/faults      no faults wait any longer
    POST   /fleet-emulator/settings    {"create_seconds": 2} (see `settings.Settings`)
    POST   /fleet-emulator/age         {"account": "a", "seconds": 3600}: it joined so long ago
    POST   /fleet-emulator/state       {"account": "a", "state": "SUSPENDED"}: AWS did that to it, or undid it
    POST   /fleet-emulator/root-user   {"account": "123456789012", "access_keys": true}: what its root user has from now on
    POST   /fleet-emulator/due         every CreateAccount request in progress ends now
    POST   /fleet-emulator/taken       {"email": "a@example.com"}: an account outside of the organization has it
    GET    /fleet-emulator/mails       email → the one-time password that was sent to it
    POST   /fleet-emulator/landing-zone  {"home": "eu-west-1", "units": ["ou-…"]}: a landing zone of Control Tower that governs these
                                         units, or a change of it (see `control_tower.ControlTower.set_up`)
    POST   /fleet-emulator/reset       a new, empty organization
"""

import json
import socket
import threading
from dataclasses import asdict
from datetime import timedelta

from moto.core.base_backend import BackendDict

from . import callers, closing, copies, iam, organizations, permissions, wire
from .faults import Fault, Faults, wait
from .kit import Kit
from .permissions import Sessions
from .settings import SETTINGS

PREFIX = "/fleet-emulator/"


def status():
    """How far the organization is, for a person who watches."""
    backend = organizations.organization()
    backend.settle()
    members = [account for account in backend.accounts if isinstance(account, organizations.Account)]
    return {
        "accounts": {account.name: {"id": account.id, "state": account.state} for account in members},
        "in_progress": sum(request.state == "IN_PROGRESS" for request in backend.requests),
        "organizational_units": len(backend.ou) - 1,
    }


def make_older(account, seconds):
    """Lets the account of this name have joined longer ago than it did."""
    backend = organizations.organization()
    backend.settle()
    for member in backend.accounts:
        if member.name == account:
            member.create_time -= timedelta(seconds=seconds)
            return
    raise ValueError(f"there is no account {account!r}")


class Emulator:
    """The WSGI application: control, then faults, then moto under one lock (moto's models are not thread-safe)."""

    def __init__(self, moto, kit=None):
        self.moto = moto
        self.kit = kit or Kit()
        self.lock = threading.RLock()
        self.faults = Faults()
        self.sessions = Sessions()
        self.agents = {}
        self.reset()

    def reset(self):
        """An empty organization, no faults, default settings."""
        with self.lock:
            BackendDict.reset()
            organizations.models.organizations_backends.master_accounts.clear()
            SETTINGS.reset()
            self.faults.reset()
            self.sessions.by_key.clear()
            self.agents.clear()
            organizations.found_organization()

    def __call__(self, environ, start_response):
        path = environ.get("PATH_INFO", "")
        if path.startswith(PREFIX):
            return self._control(environ, path.removeprefix(PREFIX), start_response)
        service, operation, access_key = wire.operation_of(environ)
        self.agents[f"{service}:{operation}"] = environ.get("HTTP_USER_AGENT", "")
        fault = self.faults.take(service, operation) or self.kit.fault(service, operation)
        if fault and fault.kind in ("error", "page", "empty"):
            return self._refuse(environ, start_response, fault)
        if fault and fault.kind == "delay":
            wait(fault.seconds)
        refused = self._refused(environ, service, operation, access_key)
        if refused:
            line, headers, body = refused
        elif service == "controltower":
            line, headers, body = self._control_tower(environ, operation)
        else:
            asked = wire.body_of(environ)
            line, headers, body = self._aws(environ)
            # A token of an identity provider signs nothing: that request is no service's.
            if (service, operation) in (("sts", "AssumeRole"), (None, "AssumeRoleWithWebIdentity")):
                self.sessions.remember(asked, callers.account_of_key(access_key), access_key, body)
        self.kit.done(service, operation or "", line)
        if fault and fault.kind == "hold":
            wait(fault.seconds)
        if fault and fault.kind == "drop":
            environ["werkzeug.socket"].shutdown(socket.SHUT_RDWR)
            body = b""
        start_response(line, headers)
        return [body]

    def _aws(self, environ):
        answer = {}

        def start_response(line, headers, exc_info=None):
            answer.update(line=line, headers=headers)

        with self.lock:
            organizations.organization().settle()
            body = b"".join(self.moto(environ, start_response))
        return answer["line"], answer["headers"], body

    def _refused(self, environ, service, operation, access_key):
        """The answer to a call that its caller may not make, or None."""
        with self.lock:
            why = permissions.refusal(self.sessions, environ, service, operation, access_key)
            if why is None and service == "organizations":
                why = callers.refusal(operation, access_key)
        if why is None:
            return None
        code, status = ("AccessDenied", 403) if service in ("iam", "s3", "sts") else ("AccessDeniedException", 400)
        if service == "ec2":
            code, status = "UnauthorizedOperation", 403
        return wire.error(environ, code, status, why)

    def _control_tower(self, environ, operation):
        with self.lock:
            backend = organizations.organization()
            backend.settle()
            return backend.tower.answer(environ, operation)

    @staticmethod
    def _refuse(environ, start_response, fault):
        wire.body_of(environ)
        if fault.kind == "page":
            line, headers, body = wire.page(fault.status)
        elif fault.kind == "empty":
            line, headers, body = "200 OK", [("Content-Type", "application/x-amz-json-1.1")], b"{}"
        else:
            line, headers, body = wire.error(environ, fault.code, fault.status, fault.message, fault.reason)
        start_response(line, headers)
        return [body]

    def _control(self, environ, what, start_response):
        request = environ["REQUEST_METHOD"] + " " + what
        text = wire.body_of(environ)
        try:
            answer, line = self._act(request, json.loads(text) if text else {}), "200 OK"
        except (TypeError, ValueError) as error:
            answer, line = {"error": str(error)}, "400 Bad Request"
        start_response(line, [("Content-Type", "application/json")])
        return [json.dumps(answer).encode()]

    def _act(self, request, values):
        match request:
            case "GET health":
                return {"ready": True}
            case "GET status":
                with self.lock:
                    return status()
            case "GET mails":
                with self.lock:
                    return organizations.organization().email_updates.mails()
            case "GET calls":
                return self.faults.calls_so_far()
            case "DELETE calls":
                self.faults.forget_calls()
            case "POST faults":
                self.faults.add(Fault(**values))
            case "DELETE faults":
                self.faults.waiting.clear()
            case "GET agents":
                return dict(self.agents)
            case "GET sessions":
                return [asdict(session) for session in self.sessions.by_key.values()]
            case "POST settings":
                SETTINGS.update(values)
                return asdict(SETTINGS)
            case "POST age":
                with self.lock:
                    make_older(**values)
            case "GET creates":
                with self.lock:
                    return organizations.organization().creates()
            case "POST copies":
                with self.lock:
                    return copies.copy_accounts(**values)
            case "POST state":
                with self.lock:
                    closing.put_state(organizations.organization(), **values)
            case "POST root-user":
                with self.lock:
                    iam.put_root_user(**values)
            case "POST due":
                with self.lock:
                    for request in organizations.organization().requests:
                        request.due = 0
            case "POST taken":
                with self.lock:
                    organizations.organization().taken_elsewhere.add(values["email"].lower())
            case "POST landing-zone":
                with self.lock:
                    organizations.organization().tower.set_up(**values)
            case "POST reset":
                self.reset()
            case _:
                raise ValueError(f"there is no {request}")
        return {}
