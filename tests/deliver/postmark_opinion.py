"""What Postmark's own library finds wrong with calls of its Bulk API.

It does not agree with our libraries, so this is run by the Python of another environment: JSON comes in and goes out.
"""

import json
import sys
from typing import Any


def main() -> None:
    """`[{"From": …}, …]`, the bodies; for each a list of what is wrong, and of what it does not know."""
    from postmark.models.outbound.schemas import BulkEmail, BulkRecipient
    from pydantic import BaseModel, ValidationError

    def unknown(kind: type[BaseModel], said: dict[str, Any]) -> list[str]:
        return sorted(set(said) - {str(field.alias) for field in kind.model_fields.values()})

    def opinion(body: dict[str, Any]) -> list[str]:
        try:
            BulkEmail.model_validate(body)
        except ValidationError as error:
            return [f"{one['loc']}: {one['msg']}" for one in error.errors()]
        return unknown(BulkEmail, body) + [name for one in body["Messages"] for name in unknown(BulkRecipient, one)]

    json.dump([opinion(body) for body in json.load(sys.stdin)], sys.stdout)


if __name__ == "__main__":
    main()
