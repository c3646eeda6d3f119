"""A model behind an OpenAI-compatible endpoint, through the `openai` client.

Importing this module takes two seconds: only the composition root does, and only where a model is set. Nothing is
retried here: the person waits, and the embedded answer is there already.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, Awaitable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar, cast
from urllib.parse import urlsplit

import httpx2
import openai
from openai import AsyncOpenAI

from app.nlp.models.model import Call, Delta, Finished, Message, ModelError, Tool, no_tools

T = TypeVar("T")
CONNECT_TIMEOUT_S = 3.0
LONGEST_TOKEN = 20  # characters; an endpoint that sends more than its tokens can hold does not keep to the limit
_HEADERS = frozenset(
    {"host", "accept", "accept-encoding", "connection", "content-type", "content-length", "user-agent", "authorization"}
)
_NO_KEY = "none"  # the library wants one, and an endpoint without keys does not look at it
_TOOLS_UNKNOWN = ("tool", "function call", "function_call")


class OpenAIModel:
    """One model.

    Args:
        base_url: the endpoint, with its version: `http://127.0.0.1:11434/v1`.
        name: the model, as the endpoint calls it.
        key: the endpoint's key; empty where it has none.
        connections: most at a time.
    """

    def __init__(self, base_url: str, name: str, key: str, connections: int) -> None:
        self._name = name

        async def only_ours(request: httpx2.Request) -> None:
            """Send what the protocol needs: the library adds headers of the environment, and of this machine."""
            for header in [each for each in request.headers if each.lower() not in _HEADERS]:
                del request.headers[header]
            request.headers["authorization"] = f"Bearer {key or _NO_KEY}"

        # A client of our own: no proxy or key of this process' environment gets in, and redirects lead nowhere.
        http = httpx2.AsyncClient(
            event_hooks={"request": [only_ours]},
            verify=urlsplit(base_url).scheme == "https",  # without TLS there is nothing that certificates are read for
            limits=httpx2.Limits(max_connections=connections, max_keepalive_connections=connections),
            follow_redirects=False,
            trust_env=False,
        )
        self._client = AsyncOpenAI(
            base_url=base_url,
            api_key=key or _NO_KEY,
            admin_api_key="",
            organization="",
            project="",
            max_retries=0,
            timeout=openai.Timeout(None, connect=CONNECT_TIMEOUT_S),
            http_client=http,
        )
        self._completions = self._client.chat.completions  # loads more of the library: now, and not while people wait

    @property
    def name(self) -> str:
        """As the endpoint calls it."""
        return self._name

    async def close(self) -> None:
        """Close all connections."""
        await self._client.close()

    async def stream(
        self, messages: Sequence[Message], tools: Sequence[Tool], *, max_tokens: int, deadline_s: float
    ) -> AsyncGenerator[Delta | Finished]:
        """See `Model.stream`."""
        answer = _Answer(max_tokens * LONGEST_TOKEN)
        chunks = await self._within(deadline_s, self._begin(messages, tools, max_tokens))
        async with chunks:
            iterator = aiter(chunks)
            while True:
                chunk = await self._within(deadline_s, anext(iterator, None), broke_off="truncated")
                if chunk is None:
                    break
                text = answer.add(chunk)
                if text:
                    yield Delta(text)
        yield answer.finished(self._name)

    async def _begin(
        self, messages: Sequence[Message], tools: Sequence[Tool], max_tokens: int
    ) -> openai.AsyncStream[Any]:
        # The protocol's oldest words for things are the ones that every endpoint knows.
        created = await self._completions.create(
            model=self._name,
            messages=cast("Any", list(messages)),
            tools=cast("Any", list(tools)) or openai.omit,
            max_tokens=max_tokens,
            temperature=0,
            stream=True,
            stream_options={"include_usage": True},
        )
        return cast("openai.AsyncStream[Any]", created)

    async def _within(self, deadline_s: float, work: Awaitable[T], broke_off: str = "unavailable") -> T:
        """The result of one step, with the library's errors as ours."""
        try:
            async with asyncio.timeout_at(deadline_s):
                return await work
        except (TimeoutError, openai.APITimeoutError) as exc:
            raise ModelError(f"The model {self._name} took too long to answer.", "slow") from exc
        except openai.APIStatusError as exc:
            raise self._refused(exc) from exc
        except openai.APIConnectionError as exc:
            said = "does not answer" if broke_off == "unavailable" else "broke off its answer"
            raise ModelError(f"The model {self._name} {said}.", broke_off) from exc
        except (openai.OpenAIError, ValueError) as exc:
            raise self._garbled() from exc
        except httpx2.HTTPError as exc:
            raise ModelError(f"The model {self._name} broke off its answer.", "truncated") from exc

    def _refused(self, exc: openai.APIStatusError) -> ModelError:
        status, said = exc.status_code, str(exc.body or exc.message).lower()
        if status == 429 or (status == 503 and "busy" in said):
            return ModelError(
                f"The model {self._name} has too much to do; try again in a moment.", "busy", is_answer=True
            )
        if status in {400, 404, 422, 501} and any(word in said for word in _TOOLS_UNKNOWN):
            return no_tools(self._name)
        if status in {401, 403}:
            return ModelError(f"The model {self._name} does not accept KubeChat's key; tell your administrator.", "key")
        if status in {404, 410}:
            return ModelError(f"The endpoint knows no model {self._name}; tell your administrator.", "unknown")
        if status == 413 or (status == 400 and "context" in said):
            return ModelError(
                f"This conversation is too long for the model {self._name}; ask in a new one.",
                "too_long",
                is_answer=True,
            )
        if status < 500:
            return ModelError(f"The model {self._name} refused the request; tell your administrator.", "refused")
        return ModelError(f"The model {self._name} does not work at the moment.", "unavailable")

    def _garbled(self) -> ModelError:
        return ModelError(f"The model {self._name} gave an answer that cannot be read.", "garbled")


@dataclass(slots=True)
class _Parts:
    """One call, as its parts come."""

    id: str = ""
    name: str = ""
    arguments: list[str] = field(default_factory=list)


class _Answer:
    """One answer, put together from its chunks. The library does not check what they hold; this does."""

    def __init__(self, most_characters: int) -> None:
        self._left = most_characters
        self._calls: dict[int, _Parts] = {}
        self._reason = ""
        self._tokens: tuple[int | None, int | None] = (None, None)

    def add(self, chunk: Any) -> str:
        """Take in one chunk; returns the text it holds.

        Raises:
            ModelError: it is not of the protocol's shape, or the answer goes on beyond its limit.
        """
        try:
            usage = getattr(chunk, "usage", None)
            if usage is not None:
                self._tokens = (_count(usage.prompt_tokens), _count(usage.completion_tokens))
            choices = chunk.choices
            if not choices:
                return ""
            choice = choices[0]
            self._reason = str(choice.finish_reason or self._reason)
            delta = choice.delta
            for part in delta.tool_calls or ():
                self._add_call(part)
            text = _text(delta.content)
            self._left -= len(text)
        except (AttributeError, TypeError, IndexError, KeyError) as exc:
            raise ModelError("The model gave an answer that cannot be read.", "garbled") from exc
        if self._left < 0:
            raise ModelError("The model did not keep to its limit, and its answer was broken off.", "endless")
        return text

    def _add_call(self, part: Any) -> None:
        # Some endpoints send whole calls without an index.
        index = part.index if isinstance(getattr(part, "index", None), int) else len(self._calls)
        call = self._calls.setdefault(index, _Parts())
        call.id = call.id or _text(part.id)
        if part.function is not None:
            call.name = call.name or _text(part.function.name)
            call.arguments.append(_text(part.function.arguments))
            self._left -= len(call.arguments[-1])

    def finished(self, name: str) -> Finished:
        """The end.

        Raises:
            ModelError: it ended in the middle.
        """
        is_cut = self._reason == "length"
        if not self._reason or (is_cut and self._calls):
            raise ModelError(f"The model {name} broke off its answer.", "truncated")
        calls = tuple(
            Call(parts.id or f"call-{index}", parts.name, "".join(parts.arguments))
            for index, parts in sorted(self._calls.items())
        )
        return Finished(calls, is_cut, *self._tokens)


def _text(value: Any) -> str:
    if value is None:
        return ""
    if not isinstance(value, str):
        # Some endpoints give a call's arguments as an object.
        return json.dumps(value)
    return value


def _count(value: Any) -> int | None:
    return value if isinstance(value, int) and value >= 0 else None
