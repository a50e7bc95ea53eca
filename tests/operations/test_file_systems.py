"""Whether a folder is on a network's file system, by the list that Linux keeps."""

from pathlib import Path

import pytest

from hairfeed.operations.file_systems import network_file_system

MOUNTS = """\
/dev/sda1 / ext4 rw,relatime 0 0
nas:/srv /srv nfs4 rw,vers=4.2 0 0
/dev/sdb1 /srv/local xfs rw 0 0
//nas/my /mnt/my\\040disk cifs rw 0 0
/dev/sdc1 /mnt/twice ext4 rw 0 0
me@host: /mnt/twice fuse.sshfs rw 0 0
tmpfs /srvx tmpfs rw 0 0
"""


@pytest.mark.parametrize(
    ("folder", "kind"),
    [
        ("/", None),
        ("/home/ann", None),
        ("/srv", "nfs4"),
        ("/srv/hairfeed", "nfs4"),
        ("/srv/local/hairfeed", None),
        ("/srvx", None),
        ("/mnt/my disk/hairfeed", "cifs"),
        ("/mnt/twice", "fuse.sshfs"),
    ],
)
def test_the_nearest_mount_counts_and_of_two_at_one_place_the_later(tmp_path: Path, folder: str, kind: str | None) -> None:
    (tmp_path / "mounts").write_text(MOUNTS)
    assert network_file_system(Path(folder), tmp_path / "mounts") == kind


def test_where_nobody_tells_nothing_is_said(tmp_path: Path) -> None:
    assert network_file_system(Path("/srv"), tmp_path / "none") is None
