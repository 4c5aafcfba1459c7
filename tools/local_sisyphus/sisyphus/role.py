"""Whether this process is a manager or a worker."""

_role = None


def set_role(role: str) -> None:
    """Declare this process to be a "manager" (also: anything else that loads configs) or a "worker"."""
    global _role
    _role = role


def running_in_worker() -> bool:
    return _role == "worker"


def running_in_manager() -> bool:
    return _role == "manager"
