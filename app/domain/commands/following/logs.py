"""kubectl logs -f: the logs of some containers at once, line by line, until they end."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator

from app.domain.commands.access import Access
from app.domain.commands.model.reads import Logs
from app.domain.commands.reading.logs import Source, is_prefixed, log_query, sources_of
from app.domain.commands.redaction import LineRedactor
from app.domain.commands.results import Chunk
from app.errors import InvalidInputError, KubeChatError
from app.infra.kubernetes.client import path_of

WAITING_LINES = 1_000  # read and not yet told; beyond it the cluster is read no further
_ENDED = None


async def follow_logs(access: Access, command: Logs) -> AsyncGenerator[Chunk]:
    """Lines of all containers as they come; ends when every one of them has ended.

    Raises:
        InvalidInputError: more containers than may be followed at once.
        KubernetesStatusError: the cluster refuses.
    """
    sources, notes = await sources_of(access, command)
    if notes:
        yield Chunk(notes="".join(f"{note}\n" for note in notes))
    if len(sources) > command.most_requests:
        raise InvalidInputError(
            f"error: you are attempting to follow {len(sources)} log streams, but maximum allowed concurrency is"
            f" {command.most_requests}, use --max-log-requests to increase the limit",
            code="too_many_logs",
        )
    queue: asyncio.Queue[Chunk | KubeChatError | None] = asyncio.Queue(WAITING_LINES)
    tasks = [asyncio.create_task(_read(access, command, source, queue)) for source in sources]
    try:
        ended = 0
        while ended < len(tasks):
            found = await queue.get()
            if found is _ENDED:
                ended += 1
            elif isinstance(found, KubeChatError):
                raise found
            else:
                yield found
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _read(
    access: Access, command: Logs, source: Source, queue: asyncio.Queue[Chunk | KubeChatError | None]
) -> None:
    path = path_of("api", "v1", "namespaces", command.namespace, "pods", source.pod, "log")
    query = [*log_query(command, source), ("follow", "true")]
    mark = f"[pod/{source.pod}/{source.container}] " if is_prefixed(command) else ""
    redactor = LineRedactor()
    try:
        async with access.client.stream(path, identity=access.identity, query=query, accept="*/*") as lines:
            async for line in lines:
                await queue.put(Chunk(f"{mark}{redactor.line(line.decode(errors='replace'))}\n"))
    except KubeChatError as error:
        await queue.put(error)
    await queue.put(_ENDED)
