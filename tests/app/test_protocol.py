"""What goes over one connection, and when: an answer in one piece, a stream as it comes, all in order."""

import asyncio
from contextlib import asynccontextmanager

import pytest
import uvicorn
import uvloop
from uvicorn.server import ServerState

from vegraph.app.protocol import Protocol

PATIENCE_S = 5
ASK = b"GET /%s HTTP/1.1\r\nHost: here\r\n\r\n"


async def app(scope, receive, send):
    """`/whole`: head and body at once. `/read`: the same after the request's body. `/stream`: two chunks, each after
    a wait. `/last`: ends the connection."""
    path = scope["path"]
    ending = [(b"connection", b"close")] if path == "/last" else []
    length = [] if path == "/stream" else [(b"content-length", b"5")]
    if path == "/read":
        while (await receive()).get("more_body"):
            pass
    await send({"type": "http.response.start", "status": 200, "headers": [*length, *ending]})
    if path == "/stream":
        for chunk in (b"first", b"second"):
            await asyncio.sleep(0.05)
            await send({"type": "http.response.body", "body": chunk, "more_body": True})
        await asyncio.sleep(0.05)
        await send({"type": "http.response.body", "body": b""})
    else:
        await send({"type": "http.response.body", "body": b"whole"})


def loaded():
    config = uvicorn.Config(app, lifespan="off", log_config=None, server_header=False, date_header=False)
    config.load()
    return config


@asynccontextmanager
async def served():
    """Reader and writer of a connection to it."""
    config = loaded()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: Protocol(config=config, server_state=ServerState(), app_state={}), "127.0.0.1", 0
    )
    reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
    try:
        yield reader, writer
    finally:
        writer.close()
        server.close()


def run(talk):
    """Carries out a conversation on the loop that vegraph is served on."""

    async def conversation():
        async with asyncio.timeout(PATIENCE_S), served() as (reader, writer):
            return await talk(reader, writer)

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(conversation())


WHOLE = b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nwhole"


@pytest.mark.parametrize(
    ("asked", "answered"),
    [
        pytest.param(ASK % b"whole", WHOLE, id="one"),
        pytest.param(ASK % b"whole" * 3, WHOLE * 3, id="pipelined"),
        pytest.param(b"HEAD /whole HTTP/1.1\r\nHost: here\r\n\r\n" + ASK % b"whole", WHOLE[:-5] + WHOLE, id="no body"),
    ],
)
def test_answers_come_in_order(asked, answered):
    async def talk(reader, writer):
        writer.write(asked)
        return await reader.readexactly(len(answered))

    assert run(talk) == answered


class Recorder(asyncio.Transport):
    """What would be handed to the operating system at once."""

    def __init__(self):
        super().__init__()
        self.sent = []

    def write(self, data):
        self.sent.append(data)

    def writelines(self, parts):
        self.sent.append(b"".join(parts))

    def is_closing(self):
        return False

    def pause_reading(self):
        pass

    resume_reading = pause_reading


def test_an_answer_is_sent_in_one_piece():
    async def conversation():
        config = loaded()
        protocol, transport = Protocol(config=config, server_state=ServerState(), app_state={}), Recorder()
        protocol.connection_made(transport)
        protocol.data_received(ASK % b"whole")
        await asyncio.wait(protocol.tasks)
        return transport.sent

    assert asyncio.run(conversation()) == [WHOLE]


def test_a_stream_is_not_held_back():
    async def talk(reader, writer):
        writer.write(ASK % b"stream")
        return [await reader.read(1000) for _ in range(4)]

    head, *chunks = run(talk)
    assert head.endswith(b"\r\n\r\n")
    assert chunks == [b"5\r\nfirst\r\n", b"6\r\nsecond\r\n", b"0\r\n\r\n"]


def test_everything_is_sent_before_the_connection_is_closed():
    async def talk(reader, writer):
        writer.write(ASK % b"last")
        return await reader.read()

    assert run(talk).endswith(b"\r\n\r\nwhole")


def test_a_client_that_waits_for_100_is_told_to_go_on():
    async def talk(reader, writer):
        writer.write(b"POST /read HTTP/1.1\r\nHost: here\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n")
        before = await reader.read(1000)
        writer.write(b"ok")
        return before, await reader.read(1000)

    assert run(talk) == (b"HTTP/1.1 100 Continue\r\n\r\n", WHOLE)
