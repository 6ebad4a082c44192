"""Makes a static program of a dynamic one, as staticx does, but without the time of today: pack.py PROGRAM OUTPUT."""

import os
import sys
import tarfile

from staticx import api

STAMP = int(os.environ["SOURCE_DATE_EPOCH"])


class Steady(tarfile.TarInfo):
    """A file of staticx's archive, which tells neither when it was made nor by whom."""

    def tobuf(self, *args: object, **kwargs: object) -> bytes:
        """The header."""
        self.mtime, self.uid, self.gid, self.uname, self.gname = STAMP, 0, 0, "", ""
        return super().tobuf(*args, **kwargs)


if __name__ == "__main__":
    tarfile.TarFile.tarinfo = Steady
    # Not compressed once more: that saves 2 MB and doubles the time of each start.
    api.generate(sys.argv[1], sys.argv[2], strip=True, compress=False)
