"""Credentials: what is believed and what is not (F69, F70, 3.2)."""

from __future__ import annotations

import base64
import json
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import hashes, hmac, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa

from claimflow.v1 import errors_pb2, options_pb2
from server.embedded.tokens import TokenMint
from server.platform.auth import Authenticator, acting_role
from server.platform.errors import Failure
from server.platform.settings import SettingsError

ISSUER, AUDIENCE = "https://issuer.example", "claimflow"
TENANT = "00000000-0000-7000-8000-000000000001"
INVALID = errors_pb2.ERROR_REASON_CREDENTIALS_INVALID
EXPIRED = errors_pb2.ERROR_REASON_CREDENTIALS_EXPIRED
MISSING = errors_pb2.ERROR_REASON_CREDENTIALS_MISSING

PRIVATE: dict[str, Any] = {
    "EdDSA": ed25519.Ed25519PrivateKey.generate(),
    "ES256": ec.generate_private_key(ec.SECP256R1()),
    "PS256": rsa.generate_private_key(65537, 2048),
    "RS256": rsa.generate_private_key(65537, 2048),
}
SHORT = rsa.generate_private_key(65537, 1024)
FOREIGN = ed25519.Ed25519PrivateKey.generate()
MAKERS: dict[str, Any] = {
    "EdDSA": jwt.algorithms.OKPAlgorithm,
    "ES256": jwt.algorithms.ECAlgorithm,
    "PS256": jwt.algorithms.RSAAlgorithm,
    "RS256": jwt.algorithms.RSAAlgorithm,
}


def listed(algorithm: str, key: Any, **changes: Any) -> dict[str, Any]:
    """Return a public key as a JWKS has it; its id is its algorithm."""
    jwk = MAKERS[algorithm].to_jwk(key.public_key(), as_dict=True)
    return {**jwk, "kid": algorithm, "alg": algorithm, "use": "sig", **changes}


@pytest.fixture
def jwks(tmp_path: Path) -> Path:
    file = tmp_path / "jwks.json"
    keys = [listed(algorithm, key) for algorithm, key in PRIVATE.items()]
    keys.append(listed("RS256", SHORT, kid="short"))
    keys.append(listed("EdDSA", FOREIGN, kid="for-encryption", use="enc"))
    secret = base64.urlsafe_b64encode(bytes(32)).decode().rstrip("=")
    keys.append({"kty": "oct", "k": secret, "kid": "symmetric", "alg": "HS256"})
    file.write_text(json.dumps({"keys": keys}))
    return file


@pytest.fixture
def gate(jwks: Path) -> Authenticator:
    return Authenticator(jwks, issuer=ISSUER, audience=AUDIENCE)


def claims(**changes: Any) -> dict[str, Any]:
    now = int(time.time())
    good = {
        "iss": ISSUER, "aud": AUDIENCE, "sub": "eve", "tenant": TENANT, "roles": ["EXAMINER"],
        "iat": now, "exp": now + 600,
    }  # fmt: skip
    return {name: value for name, value in (good | changes).items() if value is not None}


def signed(
    algorithm: str = "EdDSA", key: Any = None, headers: dict[str, Any] | None = None, **changes: Any
) -> str:
    """Return a token that is good but for what is said."""
    head = {"typ": "at+jwt", "kid": algorithm} | (headers or {})
    return jwt.encode(claims(**changes), key or PRIVATE[algorithm], algorithm, headers=head)


def by_hand(header: dict[str, Any], payload: bytes, sign: Callable[[bytes], bytes]) -> str:
    """Return a token that a library would refuse to make."""
    head = base64.urlsafe_b64encode(json.dumps(header).encode()).rstrip(b"=")
    body = base64.urlsafe_b64encode(payload).rstrip(b"=")
    signature = base64.urlsafe_b64encode(sign(head + b"." + body)).rstrip(b"=")
    return b".".join((head, body, signature)).decode()


def hs256_with_the_public_key() -> str:
    public = (
        PRIVATE["RS256"]
        .public_key()
        .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    )

    def sign(data: bytes) -> bytes:
        mac = hmac.HMAC(public, hashes.SHA256())
        mac.update(data)
        return mac.finalize()

    header = {"alg": "HS256", "typ": "at+jwt", "kid": "RS256"}
    return by_hand(header, json.dumps(claims()).encode(), sign)


def unsigned() -> str:
    header = {"alg": "none", "typ": "at+jwt", "kid": "EdDSA"}
    return by_hand(header, json.dumps(claims()).encode(), lambda _: b"").rstrip(".") + "."


def edited() -> str:
    head, _, signature = signed().split(".")
    body = base64.urlsafe_b64encode(json.dumps(claims(roles=["SUPERVISOR"])).encode())
    return ".".join((head, body.decode().rstrip("="), signature))


def endless() -> str:
    payload = json.dumps(claims(exp="X")).replace('"X"', "Infinity").encode()
    header = {"alg": "EdDSA", "typ": "at+jwt", "kid": "EdDSA"}
    return by_hand(header, payload, PRIVATE["EdDSA"].sign)


def signed_with_the_short_key() -> str:
    def sign(data: bytes) -> bytes:
        return SHORT.sign(data, padding.PKCS1v15(), hashes.SHA256())

    header = {"alg": "RS256", "typ": "at+jwt", "kid": "short"}
    return by_hand(header, json.dumps(claims()).encode(), sign)


def now(seconds: float) -> int:
    return int(time.time() + seconds)


BAD: dict[str, Callable[[], str]] = {
    "alg none": unsigned,
    "HS256 with the public key": hs256_with_the_public_key,
    "a symmetric key of the file": lambda: signed("HS256", bytes(32), {"kid": "symmetric"}),
    "another algorithm of the same key": lambda: signed(
        "PS256", PRIVATE["RS256"], {"kid": "RS256"}
    ),
    "RS512": lambda: signed("RS512", PRIVATE["RS256"], {"kid": "RS256"}),
    "a short RSA key": signed_with_the_short_key,
    "a key for encryption": lambda: signed("EdDSA", FOREIGN, {"kid": "for-encryption"}),
    "an unknown key id": lambda: signed(headers={"kid": "unknown"}),
    "somebody else's key under a known id": lambda: signed(key=FOREIGN),
    "crit": lambda: signed(headers={"crit": ["b64"], "b64": True}),
    "typ JWT": lambda: signed(headers={"typ": "JWT"}),
    "edited claims": edited,
    "another issuer": lambda: signed(iss="https://issuer.example.evil"),
    "a list of issuers": lambda: by_hand(
        {"alg": "EdDSA", "typ": "at+jwt", "kid": "EdDSA"},
        json.dumps(claims(iss=[ISSUER])).encode(),
        PRIVATE["EdDSA"].sign,
    ),
    "no issuer": lambda: signed(iss=None),
    "another audience": lambda: signed(aud="somebody"),
    "no audience": lambda: signed(aud=None),
    "no expiry": lambda: signed(exp=None),
    "an expiry beyond numbers": endless,
    "an expiry that is no number": lambda: signed(exp="soon"),
    "issued in the future": lambda: signed(iat=now(300), exp=now(900)),
    "not valid yet": lambda: signed(nbf=now(300)),
    "no subject": lambda: signed(sub=None),
    "an empty subject": lambda: signed(sub=""),
    "a subject of spaces": lambda: signed(sub="  "),
    "a subject with a line break": lambda: signed(sub="eve\nadmin"),
    "a long subject": lambda: signed(sub="e" * 201),
    "the system's own name": lambda: signed(sub="claimflow", roles=["SYSTEM"]),
    "the system's own name in disguise": lambda: signed(sub=" ClaimFlow"),
    "no tenant": lambda: signed(tenant=None),
    "a tenant that is no UUID": lambda: signed(tenant="acme"),
    "roles in one string": lambda: signed(roles="EXAMINER"),
    "no roles": lambda: signed(roles=[]),
    "unknown roles only": lambda: signed(roles=["ROOT", "ROLE_EXAMINER", 3]),
    "a member number that is none": lambda: signed(member_id=7),
    "NPIs that are none": lambda: signed(npis=[7]),
    "over 8 KB": lambda: signed(padding="x" * 9000),
    "padded": lambda: signed() + "=",
    "two parts": lambda: signed().rpartition(".")[0],
    "nested without end": lambda: base64.urlsafe_b64encode(b"[" * 4000).decode() + ".e30.AA",
    "not ASCII": lambda: "\u00e9.\u00e9.\u00e9",
    "a line break": lambda: signed() + "\n",
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_token_gets_the_one_answer(gate: Authenticator, name: str) -> None:
    with pytest.raises(Failure) as caught:
        gate.authenticate(f"Bearer {BAD[name]()}")

    assert caught.value.reason == INVALID
    assert (caught.value.metadata, caught.value.violations) == ({}, ())


@pytest.mark.parametrize("algorithm", PRIVATE)
def test_a_good_token_names_its_caller(gate: Authenticator, algorithm: str) -> None:
    token = signed(
        algorithm, roles=["EXAMINER", "SIU", "ROOT"], npis=["1234567893"], aud=["x", AUDIENCE]
    )

    caller = gate.authenticate(f"bearer {token}")

    assert (caller.subject, str(caller.tenant)) == ("eve", TENANT)
    assert caller.roles == {options_pb2.ROLE_EXAMINER, options_pb2.ROLE_SIU}
    assert caller.npis == {"1234567893"}
    assert caller.member_id is None


@pytest.mark.parametrize("value", [None, ""])
def test_no_credential_is_missing(gate: Authenticator, value: str | None) -> None:
    with pytest.raises(Failure) as caught:
        gate.authenticate(value)

    assert caught.value.reason == MISSING


@pytest.mark.parametrize("value", ["Bearer", "Bearer ", "Basic ZXZlOg==", "x"])
def test_another_scheme_is_invalid(gate: Authenticator, value: str) -> None:
    with pytest.raises(Failure) as caught:
        gate.authenticate(value)

    assert caught.value.reason == INVALID


def test_an_old_token_has_expired(gate: Authenticator) -> None:
    with pytest.raises(Failure) as caught:
        gate.authenticate(f"Bearer {signed(iat=now(-900), exp=now(-300))}")

    assert caught.value.reason == EXPIRED


def test_a_known_token_expires_too(gate: Authenticator, monkeypatch: pytest.MonkeyPatch) -> None:
    token = signed()
    gate.authenticate(f"Bearer {token}")
    later = time.time() + 700
    monkeypatch.setattr(time, "time", lambda: later)

    with pytest.raises(Failure) as caught:
        gate.authenticate(f"Bearer {token}")

    assert caught.value.reason == EXPIRED


def test_a_new_key_file_counts_without_a_restart(
    jwks: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate = Authenticator(jwks, issuer=ISSUER, audience=AUDIENCE)
    gate.authenticate(f"Bearer {signed()}")

    replace(jwks, json.dumps({"keys": [listed("EdDSA", FOREIGN)]}))
    pass_seconds(monkeypatch, 2)

    gate.authenticate(f"Bearer {signed(key=FOREIGN)}")
    with pytest.raises(Failure):
        gate.authenticate(f"Bearer {signed()}")


@pytest.mark.parametrize(
    "text", ["", "<html>", "{}", '{"keys": []}', '{"keys": ["x"]}', "[" * 9999]
)
def test_an_unreadable_key_file_leaves_the_last_keys_for_a_day(
    jwks: Path, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    gate = Authenticator(jwks, issuer=ISSUER, audience=AUDIENCE)
    replace(jwks, text)

    pass_seconds(monkeypatch, 3600)
    gate.authenticate(f"Bearer {signed()}")
    pass_seconds(monkeypatch, 25 * 3600)
    with pytest.raises(Failure) as caught:
        gate.authenticate(f"Bearer {signed()}")

    assert caught.value.reason == INVALID


def test_a_server_does_not_start_without_a_key(tmp_path: Path) -> None:
    file = tmp_path / "jwks.json"
    file.write_text('{"keys": []}')

    with pytest.raises(SettingsError, match="usable key"):
        Authenticator(file, issuer=ISSUER, audience=AUDIENCE)


def test_tokens_of_the_private_issuer_are_believed(token_mint: TokenMint) -> None:
    gate = Authenticator(
        token_mint.jwks_file, issuer=token_mint.issuer, audience=token_mint.audience
    )

    assert gate.authenticate(f"Bearer {token_mint.mint('SIU')}").subject == "siu-1"


def test_the_acting_role_is_the_first_that_holds_the_permission(gate: Authenticator) -> None:
    caller = gate.authenticate(f"Bearer {signed(roles=['SUPERVISOR', 'EXAMINER'])}")

    role = acting_role(caller, options_pb2.PERMISSION_CLAIM_ASSIGN)

    assert role == options_pb2.ROLE_EXAMINER


def test_without_a_role_that_holds_it_the_permission_is_missing(gate: Authenticator) -> None:
    caller = gate.authenticate(f"Bearer {signed(roles=['ADMIN'])}")

    with pytest.raises(Failure) as caught:
        acting_role(caller, options_pb2.PERMISSION_CLAIM_READ)

    assert caught.value.metadata == {"permission": "CLAIM_READ"}


def replace(file: Path, text: str) -> None:
    """Put another file in a file's place, as rotation does."""
    new = file.with_suffix(".new")
    new.write_text(text)
    os.replace(new, file)


def pass_seconds(monkeypatch: pytest.MonkeyPatch, seconds: float) -> None:
    """Let the monotonic clock pass."""
    later = time.monotonic() + seconds
    monkeypatch.setattr(time, "monotonic", lambda: later)
