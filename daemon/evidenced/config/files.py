"""The files that a configuration names: looked up from its folder, and read while it is loaded."""

import ssl
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, ValidationInfo
from pydantic_core import PydanticCustomError

from evidenced.config.interning import Interner
from evidenced.config.secrets import secret_text
from evidenced.config.types import Secret

FILE_ERROR = "file"
"""The type of an error that belongs to the key in its context, beside the one it was raised at."""


class Files:
    """The files named by one configuration. Each is read once, however many checks name it.

    What is loaded with them shares its equal `sections`.
    """

    def __init__(self, folder: Path, sections: Interner | None = None) -> None:
        self.sections = Interner() if sections is None else sections
        self._folder = folder
        self._secrets: dict[Path, Secret] = {}
        self._authorities: set[Path] = set()

    def absolute(self, path: Path) -> Path:
        """The path, from the configuration's folder where it is relative."""
        return self._folder / path

    def secret(self, path: Path) -> Secret:
        """The secret in a file; ValueError where it cannot be read."""
        if path not in self._secrets:
            try:
                self._secrets[path] = Secret(secret_text(path))
            except ValueError as error:
                raise ValueError(f"{error}{self._whence(path)}") from None
        return self._secrets[path]

    def check_authorities(self, path: Path) -> None:
        """See that a file holds certificates (PEM); ValueError where it does not."""
        if path in self._authorities:
            return
        try:
            ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(path)
        except ssl.SSLError:
            raise ValueError("no certificate in it") from None
        except OSError as error:
            reason = error.strerror or type(error).__name__
            raise ValueError(f"{reason}{self._whence(path)}") from None
        self._authorities.add(path)

    def check_identity(self, certificate: Path, key: Path | None, password: Secret | None) -> None:
        """See that a certificate and its key can be read and belong together; else ValueError."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        # Without a password OpenSSL would ask for it on the terminal.
        secret = password.reveal() if password else ""
        try:
            context.load_cert_chain(certificate, key, password=secret)
        except (ssl.SSLError, OSError) as error:
            raise ValueError(_amiss(error, password)) from None

    def check_readable(self, path: Path) -> None:
        """See that a file can be opened; ValueError where it cannot."""
        try:
            path.open("rb").close()
        except OSError as error:
            reason = error.strerror or type(error).__name__
            raise ValueError(f"{reason}{self._whence(path)}") from None

    def _whence(self, path: Path) -> str:
        """Where a path below the folder was looked up, which may not be where it was meant."""
        return f" (looked up from {self._folder})" if path.is_relative_to(self._folder) else ""


def _amiss(error: OSError, password: Secret | None) -> str:
    """Why a certificate with its key cannot be used, by what OpenSSL calls it."""
    name = getattr(error, "reason", None) or ""
    if name == "KEY_VALUES_MISMATCH":
        return "the key is not that of the certificate"
    if name in {"BAD_DECRYPT", "BAD_PASSWORD_READ"} or "PASSWORD" in name:
        return "the password of the key is wrong" if password else "the key needs key_password_file"
    return "no certificate with its key in it"


def _files(info: ValidationInfo) -> Files:
    """The files of this load; without one, paths stay as they are."""
    return info.context if isinstance(info.context, Files) else Files(Path())


def _nameable(value: object) -> object:
    if isinstance(value, str) and (not value or "\0" in value):
        raise ValueError("expected the path of a file")
    return value


def absolute(path: Path, info: ValidationInfo) -> Path:
    """The path, from the configuration's folder where it is relative; for validators."""
    return _files(info).absolute(path)


def _with_certificates(path: Path, info: ValidationInfo) -> Path:
    try:
        _files(info).check_authorities(path)
    except ValueError as error:
        raise ValueError(f"expected a readable file of certificates (PEM): {error}") from None
    return path


FilePath = Annotated[
    Path, BeforeValidator(_nameable, json_schema_input_type=Path), AfterValidator(absolute)
]
"""A path, made absolute from the configuration's folder."""


def _checked_readable(path: Path, info: ValidationInfo) -> Path:
    try:
        _files(info).check_readable(path)
    except ValueError as error:
        raise ValueError(f"expected a file that can be read: {error}") from None
    return path


ReadableFile = Annotated[FilePath, AfterValidator(_checked_readable)]
"""A file that was opened once, to see that it can be."""

CaFile = Annotated[FilePath, AfterValidator(_with_certificates)]
"""A file of certificates that was read once, to see that it can be."""


def secret_in(path: Path, info: ValidationInfo) -> Secret:
    """The secret in a file of this load; ValueError says in full what is wrong with it."""
    try:
        return _files(info).secret(path)
    except ValueError as error:
        raise ValueError(f"expected a readable file with a secret in it: {error}") from None


def _with_a_secret(path: Path, info: ValidationInfo) -> Path:
    secret_in(path, info)
    return path


FileWithSecret = Annotated[FilePath, AfterValidator(_with_a_secret)]
"""A file with a secret in it, that was read once, to see that it can be."""


def secret_beside(value: Secret | None, info: ValidationInfo) -> Secret | None:
    """The value of a secret's key, or what is in the file that the same key with `_file` names.

    For a field validator of the key, with the key of the file declared before it.
    """
    key = f"{info.field_name}_file"
    path = info.data.get(key)
    if path is None:
        return value
    if value is not None:
        raise ValueError(f"found both {info.field_name} and {key}, expected one of them")
    try:
        return secret_in(path, info)
    except ValueError as error:
        reason = str(error)
        raise PydanticCustomError(FILE_ERROR, "{reason}", {"key": key, "reason": reason}) from None


def check_identity(
    certificate: Path, key: Path | None, password: Secret | None, info: ValidationInfo
) -> None:
    """See that a certificate and its key can be used, for a validator of the section they are in.

    The error belongs to the key `cert_file`.
    """
    try:
        _files(info).check_identity(certificate, key, password)
    except ValueError as error:
        reason = f"expected a certificate and its key (PEM): {error}"
        raise PydanticCustomError(
            FILE_ERROR, "{reason}", {"key": "cert_file", "reason": reason}
        ) from None
