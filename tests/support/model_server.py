"""A language model's endpoint that says what a test wrote down: chat completions, streamed, over a real socket.

It speaks the protocol of OpenAI-compatible servers (server-sent events with deltas of text and of tool calls, a finish
reason, usage, `[DONE]`), and fails as they do: late, with an error, with garbage, in the middle.
"""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self

MODEL = "scripted"
_ID = "chatcmpl-1"


@dataclass(frozen=True)
class Reply:
    """One answer.

    Attributes:
        text: its words, one chunk each.
        calls: tools it calls: name, and arguments as a mapping or as raw text.
        status: of the HTTP answer.
        body: of an error.
        finish: the finish reason; empty for an answer that breaks off with its socket.
        usage: prompt and completion tokens; None for an endpoint that does not say.
        stall_after: chunks after which nothing more comes until `release`; None for none.
        garbage_after: chunks after which something comes that is no JSON.
        chunk: sent in place of a chunk of the protocol.
    """

    text: Sequence[str] = ()
    calls: Sequence[tuple[str, dict[str, Any] | str]] = ()
    status: int = 200
    body: dict[str, Any] = field(default_factory=dict)
    finish: str = "auto"
    usage: tuple[int, int] | None = (120, 30)
    stall_after: int | None = None
    garbage_after: int | None = None
    chunk: Any = None


def says(*text: str, **more: Any) -> Reply:
    """An answer in words."""
    return Reply(text, **more)


def reads(*commands: str, **more: Any) -> Reply:
    """An answer that wants these lines read."""
    return Reply(calls=[("read", {"command": command}) for command in commands], **more)


def proposes(*commands: str, explanation: str = "", **more: Any) -> Reply:
    """An answer that proposes these lines."""
    return Reply(calls=[("propose", {"commands": list(commands), "explanation": explanation})], **more)


def refuses(status: int, message: str) -> Reply:
    """An error, as such endpoints write it."""
    return Reply(status=status, body={"error": {"message": message, "type": "invalid_request_error", "code": None}})


class ModelServer:
    """The endpoint, on a thread of its own. Answers what was written down, in its order; the last again and again.

    Attributes:
        requests: the decoded body of each request.
        raw: each request's head and body, as text: what was sent, all of it.
        left: how many callers went away before their answer had ended.
    """

    def __init__(self, *script: Reply) -> None:
        self.requests: list[dict[str, Any]] = []
        self.raw: list[str] = []
        self.left = 0
        self._script = list(script) or [says("I know nothing.")]
        self._told: Callable[[], None] = lambda: None
        self._loop = asyncio.new_event_loop()
        self._released = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()
        started: Future[int] = Future()
        self._thread = threading.Thread(target=self._run, args=(started,), name="model-server", daemon=True)
        self._thread.start()
        self.port = started.result(10)
        self.url = f"http://127.0.0.1:{self.port}/v1"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, exc: BaseException | None, tb: TracebackType | None) -> None:
        self.close()

    def will(self, *script: Reply) -> None:
        """Say this from here on."""
        self._script = list(script)

    def release(self) -> None:
        """Let stalled answers go on."""
        self._loop.call_soon_threadsafe(self._released.set)

    def close(self) -> None:
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join(10)

    def _run(self, started: Future[int]) -> None:
        asyncio.set_event_loop(self._loop)
        server = self._loop.run_until_complete(asyncio.start_server(self._serve, "127.0.0.1", 0))
        started.set_result(server.sockets[0].getsockname()[1])
        self._loop.run_forever()
        server.close()
        for task in asyncio.all_tasks(self._loop):
            task.cancel()
        self._loop.run_until_complete(asyncio.gather(*asyncio.all_tasks(self._loop), return_exceptions=True))
        self._loop.run_until_complete(self._loop.shutdown_asyncgens())
        self._loop.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                length = next(
                    int(line.partition(b":")[2])
                    for line in head.splitlines()
                    if line.lower().startswith(b"content-length:")
                )
                body = await reader.readexactly(length)
                self.raw.append((head + body).decode())
                self.requests.append(json.loads(body))
                reply = self._script.pop(0) if len(self._script) > 1 else self._script[0]
                if not await self._answer(reply, reader, writer):
                    return
        except (asyncio.IncompleteReadError, ConnectionError):
            return
        finally:
            writer.close()
            with suppress(ConnectionError):
                await writer.wait_closed()

    async def _answer(self, reply: Reply, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """Send one answer; returns whether the connection goes on."""
        if reply.status != 200:
            content = json.dumps(reply.body).encode()
            head = f"HTTP/1.1 {reply.status} Error\r\ncontent-type: application/json\r\ncontent-length: {len(content)}\r\n\r\n"
            writer.write(head.encode() + content)
            await writer.drain()
            return True
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n")
        sent = 0
        for data in self._chunks(reply):
            if sent == reply.stall_after and not await self._stalled(reader):
                return False
            if sent == reply.garbage_after:
                _event(writer, "{this is no JSON")
            _event(writer, json.dumps(data))
            await writer.drain()
            sent += 1
        if sent == reply.stall_after and not await self._stalled(reader):
            return False
        if not reply.finish:
            writer.transport.abort()
            return False
        _event(writer, "[DONE]")
        writer.write(b"0\r\n\r\n")
        await writer.drain()
        return True

    async def _stalled(self, reader: asyncio.StreamReader) -> bool:
        """Wait until it may go on; False when the caller left before."""
        gone = asyncio.ensure_future(reader.read(1))
        released = asyncio.ensure_future(self._released.wait())
        await asyncio.wait({gone, released}, return_when=asyncio.FIRST_COMPLETED)
        if gone.done():
            self.left += 1
            released.cancel()
            return False
        gone.cancel()
        return True

    def _chunks(self, reply: Reply) -> list[dict[str, Any]]:
        def chunk(delta: dict[str, Any], finish: str | None = None) -> dict[str, Any]:
            choice = {"index": 0, "delta": delta, "finish_reason": finish}
            return {"id": _ID, "object": "chat.completion.chunk", "created": 1, "model": MODEL, "choices": [choice]}

        found = [chunk({"role": "assistant", "content": ""})]
        if reply.chunk is not None:
            return [*found, reply.chunk]
        found += [chunk({"content": text}) for text in reply.text]
        for index, (name, arguments) in enumerate(reply.calls):
            written = arguments if isinstance(arguments, str) else json.dumps(arguments)
            half = len(written) // 2
            begun = {"index": index, "id": f"call_{index}", "type": "function"}
            found.append(chunk({"tool_calls": [{**begun, "function": {"name": name, "arguments": ""}}]}))
            for part in (written[:half], written[half:]):
                found.append(chunk({"tool_calls": [{"index": index, "function": {"arguments": part}}]}))
        if reply.finish:
            usual = "tool_calls" if reply.calls else "stop"
            found.append(chunk({}, usual if reply.finish == "auto" else reply.finish))
        if reply.usage is not None and reply.finish:
            prompt, completion = reply.usage
            usage = {"prompt_tokens": prompt, "completion_tokens": completion, "total_tokens": prompt + completion}
            found.append({**chunk({}), "choices": [], "usage": usage})
        return found


def _event(writer: asyncio.StreamWriter, data: str) -> None:
    content = f"data: {data}\n\n".encode()
    writer.write(f"{len(content):x}\r\n".encode() + content + b"\r\n")
