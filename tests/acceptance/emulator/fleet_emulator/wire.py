"""What an HTTP request asks of AWS, and how AWS writes an error in that protocol."""

import io
import json
import re
from urllib.parse import parse_qs
from xml.sax.saxutils import escape

from . import rest

SCOPE = re.compile(r"Credential=([^/]+)/\d+/([^/]+)/([^/]+)/")


def body_of(environ):
    """The request's body, which stays readable for whoever comes next."""
    body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    environ["wsgi.input"] = io.BytesIO(body)
    return body


def operation_of(environ):
    """(service, operation, access key) of a signed request; None where it cannot be told."""
    scope = SCOPE.search(environ.get("HTTP_AUTHORIZATION", ""))
    access_key, service = (scope[1], scope[3]) if scope else (None, None)
    target = environ.get("HTTP_X_AMZ_TARGET")
    if target:
        return service, target.rsplit(".", 1)[1], access_key
    if environ.get("CONTENT_TYPE", "").startswith("application/x-www-form-urlencoded"):
        action = parse_qs(body_of(environ).decode()).get("Action")
        if action:
            return service, action[0], access_key
    if service == "s3":
        return service, rest.request_of(environ)[0], access_key
    step = environ.get("PATH_INFO", "").strip("/").split("/")[0]
    words = [word[:1].upper() + word[1:] for word in step.split("-")]
    return service, "".join(words) or None, access_key


def region_of(environ):
    """The region that a request is signed for; None where it is not signed."""
    scope = SCOPE.search(environ.get("HTTP_AUTHORIZATION", ""))
    return scope[2] if scope else None


def json_of(environ):
    """What a request of a service that speaks JSON says."""
    return json.loads(body_of(environ) or b"{}")


def json_answer(value):
    """(status line, headers, body) of an answer of such a service."""
    return "200 OK", [("Content-Type", "application/json")], json.dumps(value).encode()


def error(environ, code, status, message, reason=None):
    """(status line, headers, body) of an error, in the protocol of the request."""
    line = f"{status} {code}"
    scope = SCOPE.search(environ.get("HTTP_AUTHORIZATION", ""))
    if scope and scope[3] == "s3":
        body = f"<Error><Code>{escape(code)}</Code><Message>{escape(message)}</Message><RequestId>0</RequestId></Error>"
        return line, [("Content-Type", "application/xml")], b"" if environ["REQUEST_METHOD"] == "HEAD" else body.encode()
    if scope and scope[3] == "ec2":
        body = (f"<Response><Errors><Error><Code>{escape(code)}</Code><Message>{escape(message)}</Message></Error></Errors>"
                "<RequestID>0</RequestID></Response>")
        return line, [("Content-Type", "text/xml")], body.encode()
    if environ.get("CONTENT_TYPE", "").startswith("application/x-www-form-urlencoded"):
        body = ('<ErrorResponse><Error><Type>Sender</Type>'
                f"<Code>{escape(code)}</Code><Message>{escape(message)}</Message></Error><RequestId>0</RequestId></ErrorResponse>")
        return line, [("Content-Type", "text/xml")], body.encode()
    headers = [("Content-Type", "application/x-amz-json-1.1"), ("x-amzn-errortype", code)]
    body = {"__type": code, "message": message, "Message": message} | ({"Reason": reason} if reason else {})
    return line, headers, json.dumps(body).encode()


def page(status):
    """(status line, headers, body) of a page that is no answer of any service."""
    return f"{status} Error", [("Content-Type", "text/html")], b"<html><body><h1>Sorry.</h1></body></html>"
