"""Which kind of file system a folder is on, as Linux lists them (proc(5))."""

from pathlib import Path

_MOUNTS = Path("/proc/self/mounts")
_OVER_A_NETWORK = frozenset(
    (
        "nfs",
        "nfs4",
        "cifs",
        "smb3",
        "smbfs",
        "9p",
        "afs",
        "ceph",
        "glusterfs",
        "fuse.glusterfs",
        "lustre",
        "fuse.sshfs",
        "fuse.s3fs",
    )
)


def network_file_system(folder: Path, mounts: Path = _MOUNTS) -> str | None:
    """The kind of network file system that `folder` is on; None where it is on none, or nobody tells."""
    try:
        lines = [line.split() for line in mounts.read_text(encoding="utf-8", errors="surrogateescape").splitlines()]
    except OSError:
        return None
    above = {str(one) for one in (folder, *folder.parents)}
    # Of two at one place the later one is seen.
    here = [(point, kind) for _, mounted, kind, *_ in lines if (point := _plain(mounted)) in above]
    kind = max(reversed(here), key=lambda one: len(one[0]), default=("", ""))[1]
    return kind if kind in _OVER_A_NETWORK else None


def _plain(mounted: str) -> str:
    """Spaces and the like stand there as octal numbers."""
    return mounted.encode("latin-1", "backslashreplace").decode("unicode_escape") if "\\" in mounted else mounted
