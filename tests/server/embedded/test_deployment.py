"""Keys for a deployment: complete, private, and kept."""

from __future__ import annotations

from pathlib import Path

from cryptography import x509

from server.embedded.deployment import make_keys


def test_a_folder_gets_all_that_the_programs_need(tmp_path: Path) -> None:
    make_keys(tmp_path / "keys", ["claims.example", "127.0.0.1"])
    names = {path.name for path in (tmp_path / "keys").iterdir()}
    assert {"jwks.json", "index.key", "seal.key", "tls.crt", "tls.key", "tokens"} <= names
    certificate = x509.load_pem_x509_certificate((tmp_path / "keys" / "tls.crt").read_bytes())
    named = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert named.get_values_for_type(x509.DNSName) == ["claims.example"]
    for secret in ("index.key", "seal.key", "tls.key", "signing.pem"):
        assert (tmp_path / "keys" / secret).stat().st_mode & 0o077 == 0


def test_a_second_time_keeps_the_keys(tmp_path: Path) -> None:
    make_keys(tmp_path, [])
    before = {
        name: (tmp_path / name).read_bytes() for name in ("index.key", "tls.crt", "jwks.json")
    }
    make_keys(tmp_path, [])
    assert before == {name: (tmp_path / name).read_bytes() for name in before}
