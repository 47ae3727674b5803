"""Addresses that open the playground with a function or with code: page/share.js reads them."""

from __future__ import annotations

import base64
import json
import zlib
from collections.abc import Iterable
from typing import Any


def of_expression(text: str, inputs: Iterable[tuple[str, str]] = (), stepper: str = "") -> str:
    """Return the fragment of an address for a function, with its inputs and the state of its stepper.

    >>> of_expression("x*x", [("x", "3")])
    'q1YqSUxSslJKrSgoSi0uzszPU9JRKkmtKAGKVWhVADmZeQWlJcVKVtHRSiCusVJsrI5ScUlqQUFqEVCRUi0A'
    """
    return encoded({"tab": "expression", "text": text, "inputs": [*map(list, inputs)], "stepper": stepper})


def of_code(code: str) -> str:
    """Return the fragment of an address for code, which the page shows but does not run."""
    return encoded({"tab": "code", "code": code})


def encoded(state: dict[str, Any]) -> str:
    """Encode a state for an address: JSON, deflated, in base64url."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    text = json.dumps(state, separators=(",", ":"), ensure_ascii=False).encode()
    return base64.urlsafe_b64encode(packer.compress(text) + packer.flush()).decode().rstrip("=")


def decoded(fragment: str) -> Any:
    """Decode the state in a fragment."""
    packed = base64.urlsafe_b64decode(fragment + "=" * (-len(fragment) % 4))
    return json.loads(zlib.decompress(packed, -zlib.MAX_WBITS))
