"""What identifies a value or a job: the rule for fields that are added after ids have been published.

A job id hashes the arguments of a job, and of a value among them its attributes. Sisyphus offers three hooks, and the
recipe uses each for one purpose:

- `__sis_state__` of a value: a field that was added later is left out while it has the default (`state_without`); one
  that decides no bytes of any output is always left out (`without`).
- `__sis_hash_exclude__` of a job: an argument that was added later, likewise.
- `hash` of a job: an argument that was renamed or grouped is hashed as it was (`renamed`, `flattened`), one that
  decides no bytes of the output by a constant, or not at all.
"""

import hashlib
from collections.abc import Mapping


def state_without(value: object, **defaults: object) -> dict[str, object]:
    """The attributes of `value` that enter a job hash: those named in `defaults` only where they differ from them."""
    return {name: content for name, content in vars(value).items() if name not in defaults or content != defaults[name]}


def without(value: object, *names: str) -> dict[str, object]:
    """The attributes of `value` that enter a job hash: all but those named."""
    return {name: content for name, content in vars(value).items() if name not in names}


def renamed(arguments: Mapping[str, object], **former: str) -> dict[str, object]:
    """The arguments of a job under the names that its published ids were made with: `new_name="former_name"`."""
    return {former.get(name, name): content for name, content in arguments.items()}


def flattened(arguments: Mapping[str, object], *grouped: str) -> dict[str, object]:
    """The arguments of a job with the attributes of the `grouped` values in their place, which once were arguments."""
    flat = {name: content for name, content in arguments.items() if name not in grouped}
    for name in grouped:
        flat |= vars(arguments[name])
    return flat


def digest(value: object) -> str:
    """Four hexadecimal digits that tell values of one kind apart in names."""
    return hashlib.sha256(repr(value).encode()).hexdigest()[:4]
