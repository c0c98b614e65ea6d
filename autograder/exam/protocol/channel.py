"""Frames over a stream socket, between the two sides of an exam."""

from __future__ import annotations

import math
import select
import socket
import time
from multiprocessing.connection import Connection

from autograder.exam.protocol import bounds
from autograder.exam.protocol.bounds import ProtocolError
from autograder.exam.protocol.wire_types import LENGTHS, ConnectionClosed

PIECE = 2**16  # bytes asked of a socket at once


class Channel:
    """Frames over a stream socket. A deadline is a time of ``time.monotonic``, None for never."""

    def __init__(self, sock: socket.socket):
        self.socket = sock
        self.waiting = bytearray()  # received, and not asked for yet
        sock.setblocking(True)  # where there is no deadline, the kernel waits
        self.incoming, self.outgoing = select.poll(), select.poll()
        self.incoming.register(sock, select.POLLIN)
        self.outgoing.register(sock, select.POLLOUT)

    def send(self, frame: bytes, deadline: float | None = None) -> None:
        """Send one frame; ``TimeoutError`` when the other side does not take it in time."""
        view: bytes | memoryview = frame
        while view:
            try:
                sent = self.socket.send(view, socket.MSG_DONTWAIT)
                if sent == len(view):
                    return
                view = memoryview(view)[sent:]
            except BlockingIOError:
                _wait(self.outgoing, deadline)
            except OSError as error:
                raise ConnectionClosed("The other side has gone.") from error

    def receive(self, deadline: float | None = None) -> bytes:
        """The next frame; ``TimeoutError`` when it is not complete in time."""
        if not self.waiting:  # most often the whole frame comes at once, and nothing with it
            piece = self._piece(deadline)
            if len(piece) >= LENGTHS.size and len(piece) == _size(piece):
                return piece
            self.waiting += piece
        self._fill(LENGTHS.size, deadline)
        size = _size(self.waiting)
        self._fill(size, deadline)
        frame = bytes(self.waiting[:size])
        del self.waiting[:size]
        return frame

    def _fill(self, count: int, deadline: float | None) -> None:
        """Receive until ``count`` bytes are waiting."""
        while len(self.waiting) < count:
            self.waiting += self._piece(deadline)

    def _piece(self, deadline: float | None) -> bytes:
        """What has come, or comes in time."""
        if deadline is not None:
            _wait(self.incoming, deadline)
        try:
            piece = self.socket.recv(PIECE)
        except OSError as error:
            raise ConnectionClosed("The other side has gone.") from error
        if not piece:
            raise ConnectionClosed("The other side has gone.")
        return piece

    def close(self) -> None:
        self.socket.close()


def _size(waiting: bytes | bytearray) -> int:
    """Bytes of the frame that begins there, its lengths included."""
    size = int(sum(LENGTHS.unpack_from(waiting)))
    if size > bounds.MAX_FRAME:
        raise ProtocolError(
            f"A frame of {size} bytes was announced; at most {bounds.MAX_FRAME} may come."
        )
    return LENGTHS.size + size


def _wait(ready: select.poll, deadline: float | None) -> None:
    """Wait for a socket; ``TimeoutError`` when it is not ready in time."""
    left = None if deadline is None else math.ceil(max(0.0, deadline - time.monotonic()) * 1000)
    if not ready.poll(left):
        raise TimeoutError


def within(seconds: float) -> float:
    """The deadline so many seconds from now."""
    return time.monotonic() + seconds


class Pipe:
    """What ``Channel`` is over a socket, over a pipe of multiprocessing's."""

    def __init__(self, pipe: Connection):
        self.pipe = pipe

    def send(self, frame: bytes, deadline: float | None = None) -> None:
        """Send one frame. It is taken at once: a student process is asked only when it waits."""
        try:
            self.pipe.send_bytes(frame)
        except OSError as error:
            raise ConnectionClosed("The other side has gone.") from error

    def receive(self, deadline: float | None = None) -> bytes:
        """The next frame; ``TimeoutError`` when none begins in time."""
        try:
            if not self.pipe.poll(deadline and max(0.0, deadline - time.monotonic())):
                raise TimeoutError
            return self.pipe.recv_bytes(bounds.MAX_FRAME + 8)
        except TimeoutError:
            raise
        except (OSError, EOFError) as error:
            raise ConnectionClosed("The other side has gone.") from error

    def close(self) -> None:
        self.pipe.close()
