"""Looks for words wherever the broker could have left them: its files and its memory, as text, hex,
base64 at each alignment, UTF-16."""

import base64
from pathlib import Path

CHUNK = 16 << 20


def forms_of(marker):
    """Name and bytes of each way in which a marker could be written."""
    raw = marker.encode()
    forms = {"text": raw, "hex": raw.hex().encode(), "HEX": raw.hex().upper().encode(),
             "UTF-16LE": marker.encode("utf-16-le"), "UTF-16BE": marker.encode("utf-16-be")}
    for shift in range(3):
        whole = b"x" * shift + raw
        encoded = base64.b64encode(whole[:len(whole) // 3 * 3])
        forms[f"base64+{shift}"] = encoded[(shift * 8 + 5) // 6:]
    return forms


class MarkerScan:
    """Counts what it looked through, so that a scan of nothing is seen to be one."""

    def __init__(self, markers):
        self.forms = {(marker, name): form for marker in markers
                      for name, form in forms_of(marker).items()}
        self.bytes_seen = 0

    def _in_chunk(self, where, chunk):
        self.bytes_seen += len(chunk)
        return [f"{marker} as {name} in {where}" for (marker, name), form in self.forms.items()
                if form in chunk]

    def in_folder(self, folder):
        found = []
        for path in sorted(Path(folder).rglob("*")):
            if path.is_file():
                found += self._in_chunk(path, path.read_bytes())
        return found

    def in_memory(self, process):
        """Every readable page; only an ancestor of the process, or root, may read them."""
        found = []
        maps = Path(f"/proc/{process}/maps").read_text(encoding="utf-8")
        overlap = max(map(len, self.forms.values()))
        with open(f"/proc/{process}/mem", "rb", buffering=0) as memory:
            for line in maps.splitlines():
                span, rights = line.split()[:2]
                first, last = (int(end, 16) for end in span.split("-"))
                position = first
                while rights.startswith("r") and position < last:
                    try:
                        memory.seek(position)
                        chunk = memory.read(min(CHUNK, last - position))
                    except (OSError, ValueError):
                        break  # pages of the kernel that look readable and are not
                    if not chunk:
                        break
                    found += self._in_chunk(f"memory {line}", chunk)
                    position += max(len(chunk) - overlap, 1) if position + len(chunk) < last \
                        else len(chunk)
        return found
