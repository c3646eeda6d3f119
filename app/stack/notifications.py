"""Where notifications go beside the web chat: the file in which a person says so, and what its secrets become."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from alerts.receivers import Outside
from app.stack.account import Account
from app.stack.errors import StackError
from app.stack.layout import write_file


def read_outside(path: Path | None) -> Outside:
    """What a notification file says; nothing without one.

    Raises:
        StackError: the file, or one with a secret, cannot be read, or says what cannot be; the sentence says where.
    """
    if path is None:
        return Outside()
    try:
        said: Any = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
        return Outside.model_validate(said)
    except (OSError, UnicodeDecodeError) as exc:
        raise StackError(f"The notification file {path} cannot be read.") from exc
    except yaml.YAMLError as exc:
        raise StackError(f"The notification file {path} is no YAML.") from exc
    except ValidationError as exc:
        first = exc.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or "the whole of it"
        raise StackError(f"The notification file {path} is not usable at {where}: {first['msg']}.") from exc


def with_own_secrets(outside: Outside, folder: Path, owner: Account | None) -> Outside:
    """The same with its secrets copied into a folder where Alertmanager's account may read them.

    Raises:
        StackError: a file with a secret cannot be read.
    """
    copies: dict[str, str] = {}
    for number, path in enumerate(outside.secret_files(), start=1):
        try:
            secret = path.expanduser().read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as exc:
            raise StackError(f"The file {path}, named in the notification file, cannot be read.") from exc
        copy = folder / f"notify-secret-{number}"
        write_file(copy, secret, owner=owner)
        copies[str(path)] = str(copy)
    said = outside.model_dump(mode="json", by_alias=True)
    return Outside.model_validate(_replaced(said, copies))


def _replaced(said: Any, copies: dict[str, str]) -> Any:
    if isinstance(said, dict):
        return {
            name: copies.get(value, value) if name.endswith("_file") and value else _replaced(value, copies)
            for name, value in said.items()
        }
    return said
