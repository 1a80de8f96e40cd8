"""Identity as a whole: what the composition root opens and the outer layers use."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING, Final

from opencasb.identity.addresses import bases, hosts
from opencasb.identity.credentials import Credentials
from opencasb.identity.host_alias import base_at
from opencasb.identity.keyfiles import KEY_FOLDER, PEPPER, VAULT, load_or_create
from opencasb.identity.pepper import Pepper
from opencasb.store.stores import repository

if TYPE_CHECKING:
    from opencasb.identity.access import Access
    from opencasb.identity.admin_access import AdminAccess
    from opencasb.identity.authorization_codes import AuthorizationCodes
    from opencasb.identity.authorizations import Authorizations
    from opencasb.identity.clients import Clients
    from opencasb.identity.consent_flow import ConsentFlow
    from opencasb.identity.consents import Consents
    from opencasb.identity.device_codes import DeviceCodes
    from opencasb.identity.device_endpoint import DeviceEndpoint
    from opencasb.identity.documents import Documents
    from opencasb.identity.external.external_sign_in import ExternalSignInFlow
    from opencasb.identity.guests import Guests
    from opencasb.identity.keyring import Keyring
    from opencasb.identity.own_account import OwnAccount
    from opencasb.identity.registrations import Registrar
    from opencasb.identity.report_access import ReportAccess
    from opencasb.identity.resources import Resources
    from opencasb.identity.second_factor import SecondFactorCheck
    from opencasb.identity.sessions import Sessions
    from opencasb.identity.siem_tokens import SiemTokens
    from opencasb.identity.sign_in import SignIn
    from opencasb.identity.token_endpoint import TokenEndpoint
    from opencasb.identity.tokens import AccessTokens
    from opencasb.identity.trust.trust import Trust
    from opencasb.identity.vault import Vault
    from opencasb.settings import Settings
    from opencasb.store.api_tokens import ApiTokens
    from opencasb.store.applications import Applications
    from opencasb.store.audit_log import AuditLog
    from opencasb.store.database import Database
    from opencasb.store.registrations import Registrations
    from opencasb.store.report_credentials import ReportCredentials
    from opencasb.store.revocations import Revocations
    from opencasb.store.siem_agents import SiemAgents
    from opencasb.store.tenants import Tenants
    from opencasb.store.used_assertions import UsedAssertions
    from opencasb.store.users import Users


class Identity:
    """The identity services of one server; each is created on first use, so a command pays only for what it needs."""

    applications: cached_property[Applications] = repository("applications.Applications")
    api_tokens: cached_property[ApiTokens] = repository("api_tokens.ApiTokens")
    audit_log: cached_property[AuditLog] = repository("audit_log.AuditLog")
    report_credentials: cached_property[ReportCredentials] = repository("report_credentials.ReportCredentials")
    revocations: cached_property[Revocations] = repository("revocations.Revocations", clock=False)
    siem_agents: cached_property[SiemAgents] = repository("siem_agents.SiemAgents")
    _registrations: cached_property[Registrations] = repository("registrations.Registrations")
    _used_assertions: cached_property[UsedAssertions] = repository("used_assertions.UsedAssertions", clock=False)

    def __init__(
        self,
        database: Database,
        clock: Callable[[], int],
        settings: Settings,
        *,
        tenants: Tenants,
        users: Users,
    ) -> None:
        self.database: Final = database
        self._keys = settings.data / KEY_FOLDER
        self.clock: Final = clock
        self._settings = settings
        self.tenants: Final = tenants
        self._users = users
        self.pepper: Final = Pepper(self._keys / PEPPER, self.api_tokens.exist)
        self.credentials: Final = Credentials(self.applications, self.api_tokens, self.pepper, clock)

    def read_key_files(self) -> None:
        """Read the key files, creating them if missing; without them the server can authenticate nobody.

        Raises :class:`~opencasb.identity.keyfiles.DamagedKeyFile` and ``OSError``.
        """
        self.pepper.read()
        load_or_create(self._keys / VAULT)

    @cached_property
    def access(self) -> Access:
        """Authentication by the ``Authorization`` header."""
        from opencasb.identity.access import Access

        return Access(
            self.tokens,
            self.tenants,
            self._users,
            self.applications,
            self.api_tokens,
            self.revocations,
            self.trust,
            self.siem_tokens,
            self.pepper,
            self.clock,
        )

    @cached_property
    def siem_tokens(self) -> SiemTokens:
        """The tokens of SIEM agents."""
        from opencasb.identity.siem_tokens import SiemTokens

        return SiemTokens(self.siem_agents, self._users, self.pepper, self.clock)

    @cached_property
    def external_sign_in(self) -> ExternalSignInFlow:
        """Sign-in at the OpenID providers of tenants."""
        from opencasb.identity.external.external_sign_in import ExternalSignInFlow
        from opencasb.identity.trust.fetch import HttpsFetch
        from opencasb.store.external_sign_ins import ExternalSignIns

        return ExternalSignInFlow(
            ExternalSignIns(self.database, self.clock),
            self._users,
            self.audit_log,
            self.vault,
            self.clock,
            base=self._settings.effective_public_url,
            web=HttpsFetch(),
        )

    @cached_property
    def trust(self) -> Trust:
        """The external directories whose tokens are trusted here."""
        from opencasb.identity.trust.trust import Trust
        from opencasb.store.trusted_issuers import TrustedIssuers

        return Trust(TrustedIssuers(self.database, self.clock), self.tenants, self.clock)

    @cached_property
    def token_endpoint(self) -> TokenEndpoint:
        """The token endpoint and its grants."""
        from opencasb.identity.grants.supported import supported_grants
        from opencasb.identity.token_endpoint import TokenEndpoint
        from opencasb.store.refresh_tokens import RefreshTokens

        grants = supported_grants(self, self._users, RefreshTokens(self.database), bases(self._settings), self.clock)
        return TokenEndpoint(self.tenants, grants, self.audit_log)

    @cached_property
    def clients(self) -> Clients:
        """Client authentication of applications."""
        from opencasb.identity.assertions import Assertions
        from opencasb.identity.clients import Clients
        from opencasb.identity.throttle import Throttle

        assertions = Assertions(self._used_assertions, self.clock)
        return Clients(self.applications, self._registrations, assertions, self.pepper, Throttle(), self.clock)

    @cached_property
    def report_access(self) -> ReportAccess:
        """Authentication of report feed readers."""
        from opencasb.identity.report_access import ReportAccess

        return ReportAccess(
            self.report_credentials, self.access, self.applications, self.clients, self.pepper, self.clock
        )

    @cached_property
    def authorization_codes(self) -> AuthorizationCodes:
        """The codes issued by the sign-in page."""
        from opencasb.identity.authorization_codes import AuthorizationCodes
        from opencasb.store import authorization_codes as store

        return AuthorizationCodes(store.AuthorizationCodes(self.database), self.revocations, self.pepper, self.clock)

    @cached_property
    def authorizations(self) -> Authorizations:
        """Authorization requests of applications."""
        from opencasb.identity.authorizations import Authorizations

        return Authorizations(
            self.tenants,
            self.consents,
            self.consent_flow,
            self.registrations,
            self.authorization_codes,
            self.tokens.issuer_of,
            self.clock,
        )

    @cached_property
    def consent_flow(self) -> ConsentFlow:
        """Interactive consent."""
        from opencasb.identity.consent_flow import ConsentFlow

        return ConsentFlow(self.tenants, self.consents, self.registrations, self.resources)

    @cached_property
    def device_codes(self) -> DeviceCodes:
        """Devices waiting for their users."""
        from opencasb.identity.device_codes import DeviceCodes
        from opencasb.store import device_codes as store

        base = self._settings.effective_public_url
        return DeviceCodes(store.DeviceCodes(self.database), self.pepper, self.clock, base)

    @cached_property
    def device_endpoint(self) -> DeviceEndpoint:
        """The device authorization endpoint."""
        from opencasb.identity.device_endpoint import DeviceEndpoint

        return DeviceEndpoint(self.tenants, self.consents, self.resources, self.registrations, self.device_codes)

    @cached_property
    def sessions(self) -> Sessions:
        """Browser sessions of signed-in users."""
        from opencasb.identity.sessions import Sessions
        from opencasb.store import sessions as store

        return Sessions(store.Sessions(self.database), self._users, self.revocations, self.pepper, self.clock)

    @cached_property
    def sign_in(self) -> SignIn:
        """Sign-in by name and password."""
        from opencasb.identity.lockout import Lockout
        from opencasb.identity.sign_in import SignIn
        from opencasb.store.lockouts import Lockouts

        lockout = Lockout(Lockouts(self.database), self.pepper, self.clock)
        return SignIn(self.tenants, self._users, lockout, self.second_factors, self.audit_log)

    @cached_property
    def guests(self) -> Guests:
        """Users of other tenants."""
        from opencasb.identity.guests import Guests

        return Guests(self.tenants, self._users)

    @cached_property
    def admin_access(self) -> AdminAccess:
        """Users and roles, for administrators."""
        from opencasb.identity.admin_access import AdminAccess
        from opencasb.store.streams import Streams

        streams = Streams(self.database, self.clock)
        return AdminAccess(self._users, self.guests, self.api_tokens, streams, self.second_factors)

    @cached_property
    def own_account(self) -> OwnAccount:
        """What users change about themselves."""
        from opencasb.identity.own_account import OwnAccount

        return OwnAccount(self.tenants, self._users, self.sign_in, self.second_factors)

    def documents_at(self, host: str) -> Documents:
        """Return metadata, keys and instance discovery for a client of ``host``; URLs point there if it is an alias."""
        from opencasb.identity.documents import Documents

        return Documents(
            self.tenants,
            self.keyring,
            self.tokens,
            base=base_at(host, self._settings.effective_public_url, on=self._settings.host_alias),
            hosts=hosts(self._settings),
        )

    @cached_property
    def registrations(self) -> Registrar:
        """Redirects, certificates and requested permissions of applications."""
        from opencasb.identity.registrations import Registrar

        return Registrar(self._registrations, self.clock)

    @cached_property
    def consents(self) -> Consents:
        """What applications are granted, and who may grant it."""
        from opencasb.identity.consents import Consents
        from opencasb.store.consents import Grants

        return Consents(self.applications, Grants(self.database, self.clock))

    @cached_property
    def vault(self) -> Vault:
        """Encryption of secrets that we need in plain text."""
        from opencasb.identity.vault import Vault

        return Vault(self._keys / VAULT)

    @cached_property
    def second_factors(self) -> SecondFactorCheck:
        """Codes of authenticator apps, and security keys."""
        from opencasb.identity.second_factor import SecondFactorCheck
        from opencasb.identity.security_keys import SecurityKeyCheck
        from opencasb.store.second_factors import SecondFactors
        from opencasb.store.security_keys import SecurityKeys

        base = self._settings.effective_public_url
        keys = SecurityKeyCheck(SecurityKeys(self.database), self._used_assertions, self.pepper, self.clock, base)
        return SecondFactorCheck(SecondFactors(self.database), keys, self._users, self.vault, self.pepper, self.clock)

    @cached_property
    def keyring(self) -> Keyring:
        """The signing keys."""
        from opencasb.identity.keyring import Keyring
        from opencasb.store.signing_keys import SigningKeys

        return Keyring(SigningKeys(self.database), self.vault, self.clock)

    @cached_property
    def resources(self) -> Resources:
        """The resources that tokens are for, and their names."""
        from opencasb.identity.resources import Resources

        return Resources(hosts(self._settings))

    @cached_property
    def tokens(self) -> AccessTokens:
        """Issues and verifies access tokens."""
        from opencasb.identity.tokens import AccessTokens

        return AccessTokens(
            self.keyring,
            self.resources,
            self.clock,
            issuer_base=self._settings.issuer_base or self._settings.effective_public_url,
            lifetime=self._settings.token_lifetime,
        )
