"""Causes: what may go wrong between here and the hub, each as one sentence that says what to do.

Any exception goes in, a LoadError comes out: the libraries in between name theirs anew from time to time, and raise
what they never announced. Knows no repository's content.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

from engine.model.folder.checkpoint import LoadError

PROXIES = ("ALL_PROXY", "all_proxy", "HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy")
FULL = (errno.ENOSPC, errno.EDQUOT) if hasattr(errno, "EDQUOT") else (errno.ENOSPC,)
LOCKED = (errno.EACCES, errno.EPERM, errno.EROFS)
LOGIN = "run `hf auth login`, and try again"


class UnreachableError(LoadError):
    """The hub gives no answer, or none for now."""


@contextmanager
def explained(repo: str) -> Iterator[None]:
    """Whatever is raised about a repository, as LoadError in one sentence."""
    try:
        yield
    except LoadError:
        raise
    except Exception as error:
        raise cause(error, repo) from error


def cause(error: Exception, repo: str) -> LoadError:
    """The one sentence for an error."""
    status = getattr(getattr(error, "response", None), "status_code", None)
    if status is not None:
        return _refused(error, status, repo)
    names, words = {kind.__name__ for kind in type(error).__mro__}, " ".join(str(error).split())
    if "HFValidationError" in names:
        return LoadError(f"There is no model {repo} on the hub: check the spelling.")
    if "ssl" in words.lower() or "certificate" in words.lower():
        hint = "look at this computer's clock, or put your network's certificate into SSL_CERT_FILE"
        return UnreachableError(f"The hub's certificate is not trusted here: {hint}.")
    if "ProxyError" in names or "proxy" in words.lower() or "socks" in words.lower():
        hint = "give one that begins with http://, or none"
        return UnreachableError(
            f"The hub cannot be reached through {_proxy() or 'the proxy that this computer names'}: {hint}."
        )
    if names & {"TimeoutException", "TimeoutError"}:
        return UnreachableError("The hub does not answer: look at your connection, its firewall, and try again.")
    if names & {"HTTPError", "ConnectionError", "LocalEntryNotFoundError", "gaierror"}:
        hint = "connect to the internet and try again, or choose a folder"
        if "ConnectError" in names and (proxy := _proxy()):
            hint = f"look at {proxy}, which does not answer"
        return UnreachableError(f"The hub cannot be reached and {repo} is not on this computer yet: {hint}.")
    if isinstance(error, OSError):
        return _disk(error, repo)
    return LoadError(f"{repo} cannot be fetched ({words[:160] or type(error).__name__}): choose another model.")


def _refused(error: Exception, status: int, repo: str) -> LoadError:
    """The hub's own no, by its status."""
    from huggingface_hub import errors, get_token

    if isinstance(error, errors.GatedRepoError):
        hint = f"accept its terms at https://huggingface.co/{repo}, {LOGIN}"
        return LoadError(f"{repo} is only for those who accepted its terms: {hint}.")
    if isinstance(error, errors.DisabledRepoError):
        return LoadError(f"{repo} is disabled on the hub: choose another model.")
    if status == 401 and get_token():
        return LoadError(f"The hub does not accept your token, which may have expired: {LOGIN}.")
    if status in (401, 404):
        hint = f"check the spelling, or if it is yours {LOGIN}"
        return LoadError(f"There is no model {repo} on the hub, or it is private: {hint}.")
    if status == 403:
        return LoadError(f"The hub may not hand out {repo} to you: {LOGIN} with a token that may read it.")
    if status == 429:
        wait = error.response.headers.get("Retry-After", "")
        when = f"in {wait} s" if wait.isdecimal() else "in a few minutes"
        return UnreachableError(f"The hub takes no more requests from here for now: try again {when}.")
    if status == 451:
        return LoadError(f"{repo} may not be offered where you are, for legal reasons: choose another model.")
    if status >= 500 or status == 408:
        return UnreachableError(f"The hub has trouble of its own (status {status}): try again later.")
    return LoadError(f"The hub refused {repo} (status {status}): try again, or choose another model.")


def _proxy() -> str:
    """Which proxy this computer names, "" if none. Of its address only what is no secret."""
    for name in PROXIES:
        if value := os.environ.get(name):
            try:
                parts = urlsplit(value)
                return (
                    f"the proxy in {name} ({parts.scheme}://{parts.hostname})"
                    if parts.hostname
                    else f"the proxy in {name}"
                )
            except ValueError:
                return f"the proxy in {name}"
    return ""


def _disk(error: OSError, repo: str) -> LoadError:
    where = f" in {error.filename}" if error.filename else ""
    if error.errno in FULL:
        return LoadError(f"The disk is full{where}: make room and try again, or set HF_HOME to a larger disk.")
    if error.errno in LOCKED:
        hint = "let your account write there, or set HF_HOME to a folder where it may"
        return LoadError(f"{repo} may not be stored{where}: {hint}.")
    reason = error.strerror or error
    return LoadError(f"{repo} could not be stored{where} ({reason}): look at the disk and try again.")
