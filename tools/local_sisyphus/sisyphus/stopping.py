"""Ctrl-C and SIGTERM as a flag and a wake-up, so that no process is started without being recorded."""

import os
import signal

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class StopRequest:
    """`with StopRequest() as stop:` - `stop.received` turns true; the second signal raises KeyboardInterrupt."""

    def __init__(self):
        self.received = False

    def __enter__(self):
        self.descriptor, self._write_end = os.pipe()
        os.set_blocking(self._write_end, False)
        self._wakeup = signal.set_wakeup_fd(self._write_end, warn_on_full_buffer=False)
        self._handlers = {number: signal.signal(number, self._handle) for number in _SIGNALS}
        return self

    def _handle(self, signal_number, frame):
        if self.received:
            raise KeyboardInterrupt
        self.received = True

    def __exit__(self, *error):
        for number, handler in self._handlers.items():
            signal.signal(number, handler)
        signal.set_wakeup_fd(self._wakeup)
        os.close(self.descriptor)
        os.close(self._write_end)
