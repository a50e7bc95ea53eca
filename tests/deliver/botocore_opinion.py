"""What Amazon's own library says of requests: its signatures, and what its model of the call finds wrong with their bodies.

It does not agree with our libraries, so this is run by the Python of another environment: JSON comes in and goes out.
"""

import json
import sys
from datetime import datetime
from typing import Any
from unittest.mock import patch


def main() -> None:
    """`[{"method", "url", "headers", "body", "now", "key", "secret", "token"}, …]`; for each headers and a report."""
    from botocore.auth import SigV4Auth
    from botocore.awsrequest import AWSRequest
    from botocore.credentials import Credentials
    from botocore.session import Session
    from botocore.validate import ParamValidator

    operation = Session().get_service_model("sesv2").operation_model("SendBulkEmail")

    def opinion(said: dict[str, Any]) -> dict[str, Any]:
        request = AWSRequest(said["method"], said["url"], dict(said["headers"]), said["body"].encode())
        now = datetime.fromisoformat(said["now"])
        with patch("botocore.auth.get_current_datetime", lambda: now):
            SigV4Auth(Credentials(said["key"], said["secret"], said["token"]), "ses", "eu-west-1").add_auth(request)
        added = {name: value for name, value in request.headers.items() if name not in said["headers"]}
        body = json.loads(said["body"] or "{}")
        unknown = sorted(set(body) - set(operation.input_shape.members))
        report = ParamValidator().validate(body, operation.input_shape).generate_report()
        return {"headers": added, "report": report, "unknown": unknown, "http": dict(operation.http)}

    json.dump([opinion(said) for said in json.load(sys.stdin)], sys.stdout)


if __name__ == "__main__":
    main()
