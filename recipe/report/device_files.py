"""Files about single devices, as the figures of the hardware read them."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class DeviceFile:
    """One device and a file about it."""

    bits: str
    preset: str
    device: int
    """Seed of the device."""
    path: str
