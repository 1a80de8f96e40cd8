"""A signed-in user's visit to a page, independent of ASGI."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final

from opencasb.identity.administrators import may_administer, may_have_api_tokens, may_see_discovery, may_view
from opencasb.model.delegation import SignedIn
from opencasb.model.user import User
from opencasb.portal.form import Form
from opencasb.portal.page import Page, form_token, render

if TYPE_CHECKING:
    from collections.abc import Callable

    from opencasb.app import Casb

_AREAS: Final[tuple[tuple[str, str, Callable[[User], bool]], ...]] = (
    ("cloud-discovery", "Cloud discovery", may_see_discovery),
    ("applications", "Applications", may_administer),
    ("users", "Users and roles", may_view),
    ("api-tokens", "API tokens", lambda user: may_have_api_tokens(user) or may_administer(user)),
    ("audit-log", "Audit log", may_administer),
    ("account", "Your account", lambda user: user.active and not user.is_guest),
)

_DONE: Final = {
    "saved": "Saved.",
    "removed": "Removed.",
    "revoked": "Revoked.",
    "deleted": "Deleted.",
    "granted": "Consent was granted.",
    "created": "Created.",
    "lost": "You had been signed out, so your last change was not saved. Please repeat it.",
}
"""The messages that ``?done=`` may select; an address cannot make a page show any other text."""


ROOT: Final = "/portal/"


class NotFound(Exception):
    """The page or object does not exist in the visitor's tenant."""


@dataclass(frozen=True, slots=True)
class Visit:
    """One visit. ``path``: variables of the address; ``problems``: errors in the form, by field.

    ``once`` is shown only this time, such as a new secret.
    ``user`` is the visitor's account in the tenant shown, ``home`` the one in their own; they differ for guests.
    """

    casb: Casb
    user: User
    home: User
    session: SignedIn
    cookie: str = field(repr=False)
    address: str
    path: Mapping[str, str]
    query: Mapping[str, str]
    form: Form = field(default_factory=Form, repr=False)
    problems: Mapping[str, str] = field(default_factory=dict)
    once: Mapping[str, Any] = field(default_factory=dict, repr=False)

    @property
    def tenant_id(self) -> int:
        """The tenant whose data the visitor sees."""
        return self.user.tenant_id

    @property
    def form_key(self) -> str:
        """The key that forms are bound to: this session and, for a guest, their account in the tenant."""
        return f"{self.cookie} {self.user.user_id}" if self.user.is_guest else self.cookie

    def with_problem(self, name: str, text: str) -> Visit:
        """Return the same visit with an error message for a field, made into a sentence."""
        sentence = text[:1].upper() + text[1:] + ("" if text.endswith((".", "!", "?")) else ".")
        return replace(self, problems={**self.problems, name: sentence})

    def render(self, template: str, status: int = 200, **values: Any) -> Page:  # whatever the template shows
        """Render a page with the areas that the visitor may enter; its forms are bound to this visit."""
        area = template.partition(".")[0]
        return render(
            template,
            400 if self.problems and status == 200 else status,
            user=self.user,
            areas=[(path, name) for path, name, may in _AREAS if may(self.user)],
            area=values.pop("area", area),
            form_token=form_token(self.casb.identity.pepper, self.form_key),
            problems=self.problems,
            typed=self.form,
            done=_DONE.get(self.query.get("done", ""), ""),
            **values,
        )
