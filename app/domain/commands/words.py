"""A line cut into words, by rules of our own: quotes are understood, a shell is not.

There is no shell anywhere behind this. A line that wants one (pipes, redirection, substitution, several commands) is
refused with a sentence, so that nobody believes that a part of it was done.
"""

from __future__ import annotations

from app.errors import InvalidInputError

LONGEST_LINE = 4_096  # characters; a line that a person types or a plan contains is far below
_SUBSTITUTION = {"`": "backticks", "$": "variables and $( )"}
_OPERATORS = {
    "|": "pipes",
    ";": "several commands in one line",
    "&": "background jobs and &&",
    "<": "redirection",
    ">": "redirection",
    "(": "subshells",
    ")": "subshells",
}
_ESCAPABLE = frozenset('"\\$`')
_PLAIN = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_=+./:,@%!~^[]{}*")


def split_words(line: str) -> list[str]:
    """The words of one line; quotes group and are removed.

    Raises:
        InvalidInputError: the line wants a shell, holds several lines or control characters, is too long, or a quote
            is not closed.
    """
    if len(line) > LONGEST_LINE:
        raise InvalidInputError(
            f"A command may have at most {LONGEST_LINE} characters; this one has {len(line)}.", code="line_too_long"
        )
    if _PLAIN.issuperset(line.replace(" ", "")):
        return line.split()  # most lines: nothing in them means anything but itself
    words: list[str] = []
    word: list[str] | None = None
    quote = ""
    characters = iter(line.strip())
    for character in characters:
        # Within single quotes a shell leaves everything as it is, and so does this.
        if quote != "'":
            _refuse_substitution(character)
        _refuse_everywhere(character)
        if quote:
            assert word is not None
            if character == quote:
                quote = ""
            elif character == "\\" and quote == '"':
                # As in a shell: inside double quotes a backslash is kept where it takes nothing's meaning away.
                following = _escaped(characters)
                word.append(following if following in _ESCAPABLE else f"\\{following}")
            else:
                word.append(character)
        elif character in "'\"":
            quote, word = character, word if word is not None else []
        elif character in " \t":
            if word is not None:
                words.append("".join(word))
            word = None
        else:
            _refuse_outside_quotes(character)
            word = word if word is not None else []
            word.append(_escaped(characters) if character == "\\" else character)
    if quote:
        raise InvalidInputError(f"A quote ({quote}) is not closed.", code="not_a_command")
    if word is not None:
        words.append("".join(word))
    return words


def _escaped(characters: object) -> str:
    character = next(characters, "")  # type: ignore[call-overload]  # always the iterator of `split_words`
    if not character:
        raise InvalidInputError("A backslash at the end of a line continues nothing here.", code="not_a_command")
    _refuse_substitution(character)
    _refuse_everywhere(character)
    return str(character)


def _refuse_substitution(character: str) -> None:
    if character in _SUBSTITUTION:
        raise InvalidInputError(
            f"There is no shell here: {_SUBSTITUTION[character]} cannot be used. Write the value itself; where it holds"
            f" this very character, put it into single quotes.",
            code="shell_syntax",
        )


def _refuse_everywhere(character: str) -> None:
    if character in "\n\r\v\f\u2028\u2029\x85":
        raise InvalidInputError("One command per message: send the lines one after another.", code="shell_syntax")
    if (not character.isprintable() and character != "\t") or character == "\ufffd":
        raise InvalidInputError("The line holds characters that cannot be seen; type it again.", code="not_a_command")


def _refuse_outside_quotes(character: str) -> None:
    if character in _OPERATORS:
        raise InvalidInputError(
            f'There is no shell here: {_OPERATORS[character]} ("{character}") cannot be used. Send one kubectl command'
            " alone.",
            code="shell_syntax",
        )


def quoted(word: str) -> str:
    """A word as it has to be written so that `split_words` gives it back."""
    if word and _PLAIN.issuperset(word):
        return word
    if "'" not in word:
        return f"'{word}'"
    if _SUBSTITUTION.keys() & set(word):
        return "'" + word.replace("'", "'\"'\"'") + "'"
    escaped = word.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
