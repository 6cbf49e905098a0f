"""A vendor of accounts for terraform-provider-fleet, in Python: an "account" is a JSON file in a directory.

The provider starts it; README.md says how to install it and how to try it.
"""

import json
import threading
import time
import uuid

import cloud
import goplugin
import grpc
from fleet.vending.v1beta1 import vending_pb2 as pb
from fleet.vending.v1beta1 import vending_pb2_grpc as rpc

SETTINGS = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "type": "object",
    "properties": {"directory": {"type": "string", "minLength": 1}},
    "required": ["directory"],
    "additionalProperties": False,
}
# What may be asked of an account that is in one state of its life.
STEPS = {
    "active": ("frozen", "retired", "released"),
    "frozen": ("active", "retired", "released"),
    "retired": ("active", "closed", "released"),
}
HEARTBEAT = 0.2  # seconds between two looks at what is waited for


def problem(kind, message, object="", remedy="", **more):
    return pb.Problem(**{"class": kind}, message=message, object=object, remedy=remedy, **more)


def life(state):
    return pb.LifecycleState.Value(f"LIFECYCLE_STATE_{state.upper()}")


class Refused(Exception):
    """Ends an Advance or a Transition of an account that is not ours."""


class Vendor(rpc.AccountVendorServicer):
    def __init__(self):
        self.cloud = None
        self.managed_by = ""
        self.read_only = False
        self.stopping = threading.Event()

    # === What it is ===

    def Describe(self, request, context):
        return pb.DescribeResponse(
            name="Directory",
            version="0.1.0",
            capabilities=[
                pb.CAPABILITY_LIST, pb.CAPABILITY_LIST_UNMANAGED, pb.CAPABILITY_FREEZE, pb.CAPABILITY_CLOSE,
                pb.CAPABILITY_OWNERSHIP,
            ],
            settings_schema=json.dumps(SETTINGS),
            arguments=["tags"],
            checks=[pb.CheckDescription(name="file", description="The account's file is there.", severity=pb.SEVERITY_HIGH)],
            phases=[pb.PhaseDescription(phase=pb.PHASE_CREATED), pb.PhaseDescription(phase=pb.PHASE_READY)],
            irreversible=[life("closed")],
        )

    def Configure(self, request, context):
        try:
            settings = json.loads(request.settings or "{}")
        except ValueError:
            return pb.ConfigureResponse(problems=[problem(pb.PROBLEM_CLASS_INVALID, "The settings are no JSON.")])
        problems = []
        if not isinstance(settings, dict):
            problems.append(problem(pb.PROBLEM_CLASS_INVALID, "The settings are no JSON object."))
        else:
            for name in sorted(settings.keys() - {"directory"}):
                problems.append(problem(pb.PROBLEM_CLASS_INVALID, "There is no such setting.", f"/{name}"))
            directory = settings.get("directory")
            if not isinstance(directory, str) or not directory:
                problems.append(problem(pb.PROBLEM_CLASS_INVALID, "This has to be the path of a directory.", "/directory"))
        if not problems:
            self.cloud, self.managed_by, self.read_only = cloud.Cloud(directory), request.managed_by, request.read_only
        return pb.ConfigureResponse(problems=problems)

    def configured(self, context, changes=False):
        if self.cloud is None:
            context.abort(grpc.StatusCode.FAILED_PRECONDITION, "not configured")
        if changes and self.read_only:
            context.abort(grpc.StatusCode.FAILED_PRECONDITION, "configured read only")
        if changes and self.stopping.is_set():
            context.abort(grpc.StatusCode.UNAVAILABLE, "stopping")

    # === What there is ===

    def why_not(self, request, account):
        """What keeps us from working on the account that is there under the id of the request."""
        if account["managed_by"] != self.managed_by:
            owner = account["managed_by"] or "nobody"
            return problem(pb.PROBLEM_CLASS_CONFLICT_OWNER, f"The account is managed by {owner!a}.", account["native_id"],
                           "Let that manager release it, or choose another key.")
        if account["key"] != request.ref.key:
            return problem(pb.PROBLEM_CLASS_CONFLICT_INPUT, f"The account was made with the key {account['key']!a}.", "key",
                           "A key cannot change: put the old one back.")
        return None

    def facts(self, account):
        return pb.Facts(
            ref=pb.AccountRef(key=account["key"], fleet_id=account["fleet_id"], native_id=account["native_id"]),
            state=pb.ACCOUNT_STATE_CLOSED if account["lifecycle"] == "closed" else pb.ACCOUNT_STATE_OPEN,
            native_state=account["lifecycle"], name=account["name"], tags=account["tags"] | {
                "fleet:id": account["fleet_id"], "fleet:key": account["key"], "fleet:managed-by": account["managed_by"],
            },
        )

    def outcome(self, account, **more):
        phase = pb.PHASE_CLOSED if account["lifecycle"] == "closed" else pb.PHASE_READY
        if more.get("status_reason"):
            phase = more.pop("phase", pb.PHASE_CREATED)
        check = pb.ReadinessCheck(check="file", verdict=pb.VERDICT_PASS, severity=pb.SEVERITY_HIGH, expected="a file",
                                  observed="a file", api="directory:Read")
        return pb.Outcome(facts=self.facts(account), phase=phase, readiness=[check], lifecycle=life(account["lifecycle"]), **more)

    def Observe(self, request, context):
        self.configured(context)
        answer = pb.ObserveResponse()
        for asked in request.accounts:
            seen = answer.observations.add(fleet_id=asked.request.ref.fleet_id)
            try:
                account = self.cloud.find(asked.request.ref)
                if account is None:
                    seen.gone.looked_in = self.cloud.directory
                elif account["managed_by"] not in (self.managed_by, ""):
                    seen.problem.CopyFrom(self.why_not(asked.request, account))
                else:
                    seen.found.CopyFrom(self.outcome(account))
            except cloud.Failure as failure:
                seen.problem.CopyFrom(failure.problem())
        return answer

    def Preflight(self, request, context):
        self.configured(context)
        answer = pb.PreflightResponse()
        for planned in request.accounts:
            ref = planned.request.ref
            try:
                account = self.cloud.read(ref.fleet_id)
                wrong = account and self.why_not(planned.request, account)
            except cloud.Failure as failure:
                account, wrong = None, failure.problem()
            if wrong:
                answer.findings.add(fleet_id=ref.fleet_id, blocks=True, problem=wrong)
            elif account:
                answer.existing.add(fleet_id=ref.fleet_id, facts=self.facts(account))
        return answer

    def Check(self, request, context):
        self.configured(context)
        try:
            account = self.cloud.read(request.request.ref.fleet_id)
            wrong = self.why_not(request.request, account) if account else problem(pb.PROBLEM_CLASS_NOT_FOUND, "There is no such account.")
        except cloud.Failure as failure:
            wrong = failure.problem()
        if wrong:
            yield pb.CheckResponse(problem=wrong)
            return
        for check in self.outcome(account).readiness:
            if not request.names or check.check in request.names:
                yield pb.CheckResponse(check=check)

    def List(self, request, context):
        self.configured(context)
        ids = self.cloud.ids()
        if request.page_token and request.page_token not in ids:
            context.abort(grpc.StatusCode.INVALID_ARGUMENT, "no page token of ours")
        owners = {self.managed_by, ""} if request.unmanaged else {self.managed_by}
        answer = pb.ListResponse()
        for fleet_id in (one for one in ids if one > request.page_token):
            account = self.cloud.read(fleet_id)
            if account and account["managed_by"] in owners:
                if request.page_size and len(answer.accounts) == request.page_size:
                    answer.next_page_token = answer.accounts[-1].ref.fleet_id
                    break
                answer.accounts.append(self.facts(account))
        return answer

    # === What changes something ===

    def Advance(self, request, context):
        yield from self.events(request, context, self.advance)

    def Transition(self, request, context):
        yield from self.events(request, context, self.transition)

    def events(self, request, context, work):
        self.configured(context, changes=True)
        try:
            with self.cloud.lock(request.request.ref.fleet_id):
                yield pb.Event(accepted=pb.Accepted())
                yield from work(request, context)
        except cloud.Locked:
            context.abort(grpc.StatusCode.ABORTED, "another call works on this key")
        except Refused as refused:
            yield pb.Event(refused=refused.args[0])
        except cloud.Failure as failure:
            account = self.cloud.read(request.request.ref.fleet_id) if failure.looked_up else None
            if account is None:
                yield pb.Event(refused=failure.problem())
            else:
                yield pb.Event(outcome=self.outcome(account, status_reason=failure.message, unfinished=failure.problem()))

    def ours(self, request):
        account = self.cloud.read(request.ref.fleet_id)
        wrong = account and self.why_not(request, account)
        if wrong:
            raise Refused(wrong)
        return account

    def advance(self, call, context):
        request, began = call.request, time.monotonic()
        account = self.ours(request)
        expected = call.resume_native_id or call.adopt_native_id or request.ref.native_id
        if expected and (account is None or account["native_id"] != expected):
            if expected == request.ref.native_id:
                yield pb.Event(gone=pb.Gone(looked_in=self.cloud.directory))
                return
            raise Refused(problem(pb.PROBLEM_CLASS_NOT_FOUND, "The account that the plan named is not there.", expected, "Plan again."))
        if account is None:
            try:
                account = self.cloud.create(request.ref.fleet_id, {
                    "key": request.ref.key, "fleet_id": request.ref.fleet_id, "native_id": f"dir-{uuid.uuid4()}",
                    "managed_by": self.managed_by, "name": request.contract.name, "tags": dict(request.tags), "lifecycle": "active",
                })
            except FileExistsError:
                account = self.ours(request)
            except cloud.Failure as failure:
                # Perhaps it was made and we did not hear of it: look, never make it again.
                account = self.ours(request) if failure.kind == pb.PROBLEM_CLASS_UNANSWERED else None
                if account is None:
                    raise
        yield pb.Event(checkpoint=pb.Checkpoint(native_id=account["native_id"]))
        wanted = account | {"name": request.contract.name, "tags": dict(request.tags)}
        if account["lifecycle"] != "closed" and wanted != account:
            account = self.cloud.write(request.ref.fleet_id, wanted)
        since = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        while account["lifecycle"] != "closed" and (waits := self.cloud.waits_for()):
            if waits == "human":
                text, remedy = "A person has to open the account.", "Ask the keeper of the directory to open it."
                person = problem(pb.PROBLEM_CLASS_HUMAN, text, account["native_id"], remedy)
                yield pb.Event(outcome=self.outcome(account, phase=pb.PHASE_NEEDS_HUMAN, status_reason=f"{text} {remedy}", unfinished=person))
                return
            late = call.deadline_seconds and time.monotonic() - began > call.deadline_seconds - HEARTBEAT
            if late or self.stopping.is_set() or not context.is_active():
                kind = pb.PROBLEM_CLASS_DEADLINE_EXCEEDED if late else pb.PROBLEM_CLASS_CANCELLED
                text = "The account is not open yet."
                yield pb.Event(outcome=self.outcome(account, status_reason=text, unfinished=problem(kind, text, remedy="Apply again.")))
                return
            yield pb.Event(progress=pb.Progress(phase=pb.PHASE_CREATED, step="waiting", waiting_for="the account to open", since=since))
            time.sleep(HEARTBEAT)
        yield pb.Event(outcome=self.outcome(account))

    def transition(self, call, context):
        request = call.request
        account = self.cloud.read(request.ref.fleet_id)
        if call.target == life("released") and account and not account["managed_by"]:
            yield pb.Event(outcome=self.outcome(account))
            return
        account = self.ours(request)
        if account is None:
            yield pb.Event(gone=pb.Gone(looked_in=self.cloud.directory))
            return
        yield pb.Event(checkpoint=pb.Checkpoint(native_id=account["native_id"]))
        names = {life(state): state for state in ("active", "frozen", "retired", "released", "closed")}
        now, target = account["lifecycle"], names.get(call.target, "unknown")
        if call.expected_digest not in ("", goplugin.digest(self.outcome(account).readiness)):
            wrong = problem(pb.PROBLEM_CLASS_CONFLICT_INPUT, "The account is not as the plan saw it.", "readiness", "Plan again.")
            yield pb.Event(outcome=self.outcome(account, failures=[wrong]))
            return
        if target != now and target not in STEPS.get(now, ()):
            wrong = problem(pb.PROBLEM_CLASS_INVALID, f"An account that is {now} cannot be {target} next.", "lifecycle_state",
                            "Take the steps in their order: retired before closed.")
            yield pb.Event(outcome=self.outcome(account, failures=[wrong]))
            return
        done = {"let_go_at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())} if target in ("released", "closed") else {}
        if target != now:
            change = {"lifecycle": target} | ({"managed_by": ""} if target == "released" else {})
            account = self.cloud.write(request.ref.fleet_id, account | change)
        yield pb.Event(outcome=self.outcome(account, **done))

    def Stop(self, request, context):
        self.stopping.set()
        return pb.StopResponse(in_flight=self.cloud.locked() if self.cloud else [])


if __name__ == "__main__":
    goplugin.serve(lambda server: rpc.add_AccountVendorServicer_to_server(Vendor(), server))
