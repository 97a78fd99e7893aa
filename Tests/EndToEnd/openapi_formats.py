"""What schemathesis makes of formats that it does not know."""

import schemathesis
from hypothesis import strategies as st


def text(low, high):
    return st.integers(low, high).map(str)


schemathesis.openapi.format("int32", text(-2**31, 2**31 - 1))
schemathesis.openapi.format("uint32", text(0, 2**32 - 1))
schemathesis.openapi.format("int64", text(-2**63, 2**63 - 1))
schemathesis.openapi.format("uint64", text(0, 2**64 - 1))
