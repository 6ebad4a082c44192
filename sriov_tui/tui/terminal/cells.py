"""What stands in every cell of the terminal, so that only the cells that change are sent.

Textual paints whole rows, and a new screen several times over. Over a serial line or a jump host that
is seconds; sent as differences, a change of the screen is 1 to 2 kB and a key some dozen bytes.
"""

from __future__ import annotations

from rich.cells import cell_len

from sriov_tui.late import regex
from sriov_tui.tui.terminal.scrolling import Cell, Row, find

TOKEN = regex(
    r"\x1b\[(?P<row>\d+);(?P<column>\d+)H"
    r"|\x1b\[(?P<style>[\d;]*)m"
    r"|(?P<newline>\r?\n)"
    r"|(?P<other>\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b[\[(][<>?]?[\d;]*[ -/]*[@-~]|[\x00-\x1f])"
    r"|(?P<text>[^\x00-\x1f]+)"
)
BLANK = (" ", "")
WORTH = 100  # cells that a move of rows has to save: it is a sequence of its own, and what it misses is sent in pieces
GAP = 6  # unchanged cells that are cheaper to send again than to jump over


class Cells:
    """The terminal's cells as last sent. `feed` takes what Textual writes and gives what has to be sent."""

    def __init__(self, *, erase: bool = True) -> None:
        self._erase = erase  # the terminal knows ECH (a vt100 does not)
        self._rows: dict[int, Row] = {}
        self._before: dict[int, Row] = {}  # rows that changed since the last flush, as they were
        self._dirty: dict[int, set[int]] = {}
        self._size = (0, 0)
        self._x, self._y = 0, 0  # where Textual believes the cursor to be
        self._at: tuple[int, int] | None = None  # where it is
        self._placed = False  # Textual has placed the cursor since the last flush
        self._style: tuple[str, ...] = ()

    def forget(self, size: tuple[int, int]) -> None:
        """Take nothing for granted any more, and the terminal to have this many columns and rows."""
        self._size = size
        self._rows.clear()
        self._before.clear()
        self._dirty.clear()
        self._at = None

    def feed(self, data: str) -> str:
        """What has to be sent for `data` to show."""
        out: list[str] = []
        for token in TOKEN.finditer(data):
            kind = token.lastgroup
            self._placed = self._placed or kind in ("column", "text")
            if kind == "text":
                self._put(token["text"])
            elif kind == "style":
                self._restyle(token["style"])
            elif kind == "column":
                self._x, self._y = int(token["column"]) - 1, int(token["row"]) - 1
            elif kind == "newline":
                self._x, self._y = 0, min(self._y + 1, max(0, self._size[1] - 1))
            else:
                out += [self._flush(), token["other"]]
                if "1049" in token["other"]:
                    self.forget(self._size)
        out.append(self._flush())
        return "".join(out)

    def _restyle(self, parameters: str) -> None:
        given = tuple(parameters.split(";")) if parameters else ("0",)
        self._style = () if given == ("0",) else (*self._style, *given)

    def _put(self, text: str) -> None:
        style = _normal(self._style)
        blank = BLANK if not _shows_on_blank(self._style) else (" ", style)
        row = self._rows.setdefault(self._y, [None] * self._size[0])
        for char in text:
            width = 1 if char.isascii() else cell_len(char)
            if not width:
                continue
            cell = blank if char == " " else (char, style)
            self._set(row, cell)
            if width == 2:
                self._set(row, ("", style))

    def _set(self, row: Row, cell: Cell) -> None:
        if self._x < len(row) and row[self._x] != cell:
            if self._y not in self._before:
                self._before[self._y] = row.copy()
            row[self._x] = cell
            self._dirty.setdefault(self._y, set()).add(self._x)
        self._x += 1

    def _flush(self) -> str:
        parts = [self._move_rows()]
        parts += [self._send_row(y, sorted(columns)) for y, columns in sorted(self._dirty.items())]
        self._dirty.clear()
        self._before.clear()
        if self._placed and self._at != (self._x, self._y):
            parts.append(f"\x1b[{self._y + 1};{self._x + 1}H")
            self._at = (self._x, self._y)
        self._placed = False
        return "".join(parts)

    def _move_rows(self) -> str:
        """Let the terminal move what only moved; what then still differs stays to be sent."""
        before = self._rows | self._before
        changed = sum(map(len, self._dirty.values()))
        shift = find(before, self._rows, changed)
        if shift is None:
            return ""
        moved = shift.rows(before, self._size[0])
        left = {y: {x for x, cell in enumerate(self._rows[y]) if cell != row[x]} for y, row in moved.items()}
        if sum(map(len, (self._dirty | left).values())) > changed - WORTH:
            return ""
        self._dirty |= left
        self._at = None
        return shift.sequence()

    def _send_row(self, y: int, columns: list[int]) -> str:
        row = self._rows[y]
        runs: list[list[int]] = []
        for x in columns:
            start = x - 1 if row[x] is not None and row[x][0] == "" and x else x  # type: ignore[index]
            if runs and start - runs[-1][1] <= GAP and None not in row[runs[-1][1] : start]:
                runs[-1][1] = x + 1
            else:
                runs.append([start, x + 1])
        return "".join(self._send_run(y, start, end) for start, end in runs)

    def _send_run(self, y: int, start: int, end: int) -> str:
        row, width = self._rows[y], self._size[0]
        cells = [cell or BLANK for cell in row[start:end]]
        if end < width and row[end] is not None and row[end][0] == "":  # type: ignore[index]
            cells.append(row[end] or BLANK)
        tail = len(cells)
        while tail and cells[tail - 1] == BLANK:
            tail -= 1
        erase = len(cells) - tail
        to_end = start + len(cells) == width
        if erase < 8 or not (to_end or self._erase):
            tail, erase = len(cells), 0
        text, style = [f"\x1b[{y + 1};{start + 1}H"], ""
        for char, wanted in cells[:tail]:
            if wanted != style and ((char, wanted) != BLANK or _shows_on_blank(tuple(style.split(";")))):
                text.append(f"\x1b[0;{wanted}m" if wanted and style else f"\x1b[{wanted}m")
                style = wanted
            text.append(char)
        if style:
            text.append("\x1b[m")
        if erase:
            text.append("\x1b[K" if to_end else f"\x1b[{erase}X")
        self._at = None
        return "".join(text)


def _normal(style: tuple[str, ...]) -> str:
    return ";".join(part for part in style if part not in ("39", "49", "0", ""))


def _shows_on_blank(style: tuple[str, ...]) -> bool:
    return any(part in ("7", "9", "53") or (part[:1] == "4" and part != "49") or part[:2] == "10" for part in style)
