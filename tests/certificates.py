"""Certificates for servers of the tests, that no authority vouches for."""

import shutil
import subprocess
from pathlib import Path

import pytest


def self_signed(folder: Path, host: str) -> Path:
    """A file in `folder` with a certificate for the host and its key; where openssl is missing the test is skipped, and says so."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("openssl, which makes the certificate, is not installed")
    key, certificate, both = folder / "key", folder / "certificate", folder / "both"
    make = [openssl, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"]
    make += ["-subj", f"/CN={host}", "-addext", f"subjectAltName=DNS:{host}", "-keyout", str(key), "-out", str(certificate)]
    subprocess.run(make, check=True, capture_output=True)
    both.write_text(key.read_text() + certificate.read_text())
    return both
