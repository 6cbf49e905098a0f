"""What a request of S3 asks for: AWS tells by method, path, query and headers, as botocore's models describe them."""

import functools
import re
from urllib.parse import parse_qsl

import botocore.session

LABEL = re.compile(r"\{(\w+)(\+?)\}")


def pattern_of(path):
    """The regular expression of a path of a model, with a group for each of its labels."""
    parts, end = [], 0
    for label in LABEL.finditer(path):
        parts += [re.escape(path[end:label.start()]), f"(?P<{label[1]}>{'.+' if label[2] else '[^/]+'})"]
        end = label.end()
    return re.compile("".join([*parts, re.escape(path[end:]), "/?"]))


@functools.cache
def routes(service):
    """(method, pattern, query, names in the query, headers, operation) of each operation of a REST service, those that ask for
    more first; none of another."""
    model = botocore.session.get_session().get_service_model(service)
    found = []
    for name in model.operation_names:
        operation = model.operation_model(name)
        path, _, query = operation.http["requestUri"].partition("?")
        shape, needed = operation.input_shape, {"querystring": set(), "header": set()}
        for member in shape.required_members if shape else []:
            where = shape.members[member].serialization
            if where.get("location") in needed:
                needed[where["location"]].add(where["name"])
        headers = {f"HTTP_{header.upper().replace('-', '_')}" for header in needed["header"]}
        found.append((operation.http["method"], pattern_of(path), dict(parse_qsl(query, keep_blank_values=True)),
                      needed["querystring"], headers, name))
    # A path that is written out comes before one with a label in its place.
    return sorted(found, key=lambda of: (-len(of[2]) - len(of[3]) - len(of[4]), of[1].groups, of[5]))


def request_of(environ):
    """(operation, what its path, query and headers name) of a request that is signed for S3, or (None, {})."""
    # S3 Control signs as S3 does.
    service = "s3control" if "HTTP_X_AMZ_ACCOUNT_ID" in environ else "s3"
    method, path = environ["REQUEST_METHOD"], environ.get("PATH_INFO", "")
    query = dict(parse_qsl(environ.get("QUERY_STRING", ""), keep_blank_values=True))
    for wanted, pattern, asked, names, headers, name in routes(service):
        match = pattern.fullmatch(path)
        if method == wanted and match and asked.items() <= query.items() and names <= query.keys() and headers <= environ.keys():
            account = environ.get("HTTP_X_AMZ_ACCOUNT_ID")
            return name, query | match.groupdict() | ({"AccountId": account} if account else {})
    return None, {}
