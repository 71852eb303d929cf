"""A check beside schemathesis' own: no answer shows the inside of a service. The pattern is that of check-response.ts."""

import os
import re

import schemathesis

INTERNALS = re.compile(os.environ["FUZZ_INTERNALS"])


@schemathesis.check
def no_internals(ctx, response, case):
    found = INTERNALS.search(f"{response.headers} {response.text}")
    if found:
        raise AssertionError(f"The answer shows its inside: {found.group()}")
