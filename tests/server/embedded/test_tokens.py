"""Credentials of the demo tenant: what a server will find in them, and who may read the keys."""

import json
from pathlib import Path

import jwt
import pytest

from server.embedded.tokens import (
    AUDIENCE,
    DEMO_TENANT,
    ISSUER,
    LIFETIME_SECONDS,
    ROLES,
    TokenMint,
    secret,
)


def claims_of(mint: TokenMint, token: str) -> dict[str, object]:
    """Verify a token as a server would, by the public key set alone."""
    keys = jwt.PyJWKSet.from_dict(json.loads(mint.jwks_file.read_text()))
    header = jwt.get_unverified_header(token)
    assert (header["typ"], header["alg"]) == ("at+jwt", "EdDSA")
    claims: dict[str, object] = jwt.decode(
        token,
        keys[header["kid"]].key,
        algorithms=["EdDSA"],
        issuer=ISSUER,
        audience=AUDIENCE,
        options={"require": ["iss", "aud", "sub", "iat", "nbf", "exp", "jti"]},
    )
    return claims


def test_a_token_says_who_for_whom_and_until_when(token_mint: TokenMint) -> None:
    claims = claims_of(token_mint, token_mint.mint("EXAMINER"))
    assert claims["sub"] == "examiner-1"
    assert claims["tenant"] == DEMO_TENANT
    assert claims["roles"] == ["EXAMINER"]
    assert isinstance(claims["exp"], int) and isinstance(claims["iat"], int)
    assert claims["exp"] - claims["iat"] == LIFETIME_SECONDS


def test_no_two_tokens_are_the_same(token_mint: TokenMint) -> None:
    first, second = (claims_of(token_mint, token_mint.mint("ADMIN")) for _ in range(2))
    assert first["jti"] != second["jti"]


def test_a_test_can_mint_what_no_server_may_accept(token_mint: TokenMint) -> None:
    expired = token_mint.mint("ADMIN", now=0)
    with pytest.raises(jwt.ExpiredSignatureError):
        claims_of(token_mint, expired)
    with pytest.raises(jwt.MissingRequiredClaimError):
        claims_of(token_mint, token_mint.mint("ADMIN", overrides={"exp": None}))


def test_each_role_has_a_file_and_two_roles_a_second_person(tmp_path: Path) -> None:
    mint = TokenMint(tmp_path / "keys")
    demo = mint.write_tokens(tmp_path / "tokens")
    names = {path.name for path in (tmp_path / "tokens").iterdir()}
    assert names == {role.lower() for role in ROLES} | {"approver-2", "examiner-2"}
    second = claims_of(mint, (tmp_path / "tokens" / "approver-2").read_text().strip())
    assert (second["sub"], second["roles"]) == ("approver-2", ["APPROVER"])
    assert claims_of(mint, demo)["roles"] == ["SUBMITTER", "EXAMINER", "SUPERVISOR"]


def test_the_keys_stay_the_same_and_are_the_owner_s(tmp_path: Path) -> None:
    first = TokenMint(tmp_path)
    token = first.mint("ADMIN")
    assert claims_of(TokenMint(tmp_path), token)["roles"] == ["ADMIN"]
    kept = secret(tmp_path / "seal.key").read_bytes()
    assert secret(tmp_path / "seal.key").read_bytes() == kept
    assert len(kept) == 32
    for name in ("signing.pem", "seal.key"):
        assert (tmp_path / name).stat().st_mode & 0o777 == 0o600
