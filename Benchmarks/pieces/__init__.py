"""What bench.py measures, a class for each, in the order in which it is measured and shown."""

from pieces.faces import Faces
from pieces.grpc import GRPC, MessageSizes, Streams
from pieces.http import HTTP2, KeepAlive, Latency, Limited, NewConnections, Routes, Template
from pieces.loading import Large, Start
from pieces.memory import HTTP2Memory, Memory
from pieces.parts import Counts, Loops, Middleware, Operations
from pieces.tls import TLS, Handshakes

PIECES = {piece.name: piece for piece in (
    Counts(), KeepAlive(), Limited(), TLS(), HTTP2(), GRPC(), MessageSizes(), Streams(), Faces(), NewConnections(), Handshakes(),
    Latency(), Memory(), HTTP2Memory(), Start(), Large(), Routes(), Loops(), Template(), Operations(), Middleware())}
