"""The risk factors: what can be known about an app, the allowed values and their scores.

A factor belongs to one of the four groups that make up the score, or to ``extra``, which is displayed but never scored.
``key`` is its name in facts: the Graph property (graph §3.5) in snake case, if there is one.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from opencasb.model.factor import Factor, Group, Importance, Kind
from opencasb.model.factor_points import AGE, BREACH, OLD_DOMAIN, PRESENT, RANK, RISKY, YES, Listed

if TYPE_CHECKING:
    from collections.abc import Iterable

_COUNTRY: Final = "two-letter country code, such as DE"
_HEADER: Final = "isHttpSecurityHeaders"


def _snake(name: str) -> str:
    """Return a Graph property in snake case: each capital starts a word, digits belong to the preceding word."""
    return "".join(f"_{sign.lower()}" if sign.isupper() else sign for sign in name).removeprefix("_")


def _state(graph: str, label: str, group: Group, *, may_not_apply: bool = False) -> Factor:
    """Return a yes/no factor whose safe answer is yes."""
    return Factor(_snake(graph), group, Kind.YES_NO, label, graph=(graph,), scoring=YES, may_not_apply=may_not_apply)


_GENERAL: Final = (
    Factor("headquarters", Group.GENERAL, Kind.TEXT, "Headquarters", _COUNTRY, graph=("headquarters",)),
    Factor("data_center", Group.GENERAL, Kind.LIST, "Data centres", _COUNTRY, graph=("dataCenter",)),
    Factor("hosting_company", Group.GENERAL, Kind.TEXT, "Hosting company", graph=("hostingCompany",)),
    Factor("vendor", Group.GENERAL, Kind.TEXT, "Vendor", graph=("vendor",)),
    Factor("home_page", Group.GENERAL, Kind.URL, "Home page"),
    Factor("terms_of_service", Group.GENERAL, Kind.URL, "Terms of service"),
    Factor("privacy_policy", Group.GENERAL, Kind.URL, "Privacy policy"),
    Factor("logon_urls", Group.GENERAL, Kind.LIST, "Logon URLs", graph=("logonUrls",)),
    Factor(
        "data_types",
        Group.GENERAL,
        Kind.LIST,
        "Data types users can upload",
        graph=("dataTypes",),
        values=("documents", "mediaFiles", "codingFiles", "creditCards", "databaseFiles", "none"),
    ),
    Factor("founded", Group.GENERAL, Kind.YEAR, "Founded", graph=("founded",), scoring=AGE),
    Factor(
        "holding",
        Group.GENERAL,
        Kind.ONE_OF,
        "Holding",
        "a company listed on an exchange has to disclose",
        graph=("holding",),
        scoring=Listed({"public": 10, "private": 5}),
    ),
    Factor(
        "domain_registration_date_time",
        Group.GENERAL,
        Kind.DATE,
        "Domain registration",
        graph=("domainRegistrationDateTime",),
        scoring=OLD_DOMAIN,
    ),
    Factor("consumer_popularity", Group.GENERAL, Kind.RANK, "Consumer popularity", "1 is most used", scoring=RANK),
    _state("isDisasterRecoveryPlan", "Disaster recovery plan", Group.GENERAL),
)

_SECURITY: Final = (
    Factor(
        "latest_breach_date_time",
        Group.SECURITY,
        Kind.DATE,
        "Latest breach",
        "`none` where the provider says there was none",
        graph=("latestBreachDateTime",),
        values=("none",),
        scoring=BREACH,
    ),
    Factor(
        "data_at_rest_encryption_method",
        Group.SECURITY,
        Kind.ONE_OF,
        "Encryption of data at rest",
        "`encrypted` where the method is not known",
        graph=("dataAtRestEncryptionMethod",),
        scoring=Listed(
            {"aes": 10, "bitLocker": 10, "encrypted": 10, "rsA": 8, "blowfish": 6, "des3": 4}
            | {"des": 0, "rc4": 0, "notSupported": 0}
        ),
        may_not_apply=True,
    ),
    Factor(
        "encryption_protocol",
        Group.SECURITY,
        Kind.ONE_OF,
        "Encryption protocol",
        "the oldest that is still offered",
        graph=("encryptionProtocol",),
        scoring=Listed({"tls1_3": 10, "tls1_2": 9, "tls1_1": 3, "tls1_0": 2, "ssl3": 0, "notSupported": 0}),
        may_not_apply=True,
    ),
    _state("isMultiFactorAuthentication", "Multi-factor authentication", Group.SECURITY),
    _state("isSupportsSaml", "Supports SAML", Group.SECURITY),
    _state("isRequiresUserAuthentication", "Requires user authentication", Group.SECURITY),
    _state("isIpAddressRestriction", "IP address restriction", Group.SECURITY),
    _state("isUserAuditTrail", "User audit trail", Group.SECURITY),
    _state("isAdminAuditTrail", "Admin audit trail", Group.SECURITY),
    _state("isDataAuditTrail", "Data audit trail", Group.SECURITY),
    _state("isDataClassification", "Data classification", Group.SECURITY),
    _state("isUserRolesSupport", "User roles", Group.SECURITY),
    _state("isPenetrationTesting", "Penetration testing", Group.SECURITY),
    _state("isPasswordPolicy", "Password policy", Group.SECURITY),
    _state("isPasswordPolicyPasswordLengthLimit", "Password policy: length", Group.SECURITY),
    _state("isPasswordPolicyCharacterCombination", "Password policy: character combination", Group.SECURITY),
    _state("isPasswordPolicyChangePasswordPeriod", "Password policy: periodic change", Group.SECURITY),
    _state("isPasswordPolicyPasswordHistoryAndReuse", "Password policy: history and reuse", Group.SECURITY),
    _state("isPasswordPolicyPersonalInformationUse", "Password policy: no personal information", Group.SECURITY),
    _state(f"{_HEADER}StrictTransportSecurity", "HTTP header Strict-Transport-Security", Group.SECURITY),
    _state(f"{_HEADER}ContentSecurityPolicy", "HTTP header Content-Security-Policy", Group.SECURITY),
    _state(f"{_HEADER}XContentTypeOptions", "HTTP header X-Content-Type-Options", Group.SECURITY),
    _state(f"{_HEADER}XFrameOptions", "HTTP header X-Frame-Options", Group.SECURITY),
    _state(f"{_HEADER}XXssProtection", "HTTP header X-XSS-Protection", Group.SECURITY),
    _state("isTrustedCertificate", "Trusted certificate", Group.SECURITY),
    _state("isValidCertificateName", "Valid certificate name", Group.SECURITY),
    Factor("is_protected_against_drown", Group.SECURITY, Kind.YES_NO, "Protected against DROWN", scoring=YES),
    Factor("is_heartbleed_patched", Group.SECURITY, Kind.YES_NO, "Heartbleed patched", scoring=YES),
    Factor(
        "is_remember_password",
        Group.SECURITY,
        Kind.YES_NO,
        "Remembers passwords",
        graph=("isRememberPassword",),
        scoring=RISKY,
    ),
    Factor(
        "is_user_can_upload_data",
        Group.SECURITY,
        Kind.YES_NO,
        "Users can upload data",
        "what an app is for, no fault: ignored unless you give it importance",
        graph=("isUserCanUploadData",),
        scoring=RISKY,
        importance=Importance.IGNORED,
    ),
    Factor(
        "is_file_sharing",
        Group.SECURITY,
        Kind.YES_NO,
        "File sharing",
        "what an app is for, no fault: ignored unless you give it importance",
        graph=("isFileSharing",),
        scoring=RISKY,
        importance=Importance.IGNORED,
    ),
)


def _standards() -> Iterable[Factor]:
    named = {
        "Soc1": "SOC 1",
        "Soc2": "SOC 2",
        "Soc3": "SOC 3",
        "Ssae16": "SSAE 16 (now 18)",
        "Isae3402": "ISAE 3402",
        "Iso27001": "ISO 27001",
        "Iso27017": "ISO 27017",
        "Iso27018": "ISO 27018",
        "Sp80053": "NIST SP 800-53",
        "Fisma": "FISMA",
        "Hipaa": "HIPAA",
        "HitrustCsf": "HITRUST CSF",
        "PrivacyShield": "Privacy Shield (void since 2020)",
        "Finra": "FINRA",
        "Ffiec": "FFIEC",
        "Glba": "GLBA",
        "Sox": "SOX",
        "Gaap": "GAAP",
        "Coppa": "COPPA",
        "Ferpa": "FERPA",
        "Itar": "ITAR",
        "Cobit": "COBIT",
    }
    for name, label in named.items():
        yield _state(f"is{name}Compliant", label, Group.COMPLIANCE, may_not_apply=True)
    others = {
        "is_iso27002_compliant": "ISO 27002",
        "is_data_privacy_framework_compliant": "Data Privacy Framework",
        "is_gapp_compliant": "GAPP",
        "is_jericho_forum_compliant": "Jericho Forum Commandments",
    }
    for key, label in others.items():
        yield Factor(key, Group.COMPLIANCE, Kind.YES_NO, label, scoring=YES, may_not_apply=True)


_FED_RAMP: Final = {"high": 10, "moderate": 9, "20xModerate": 9, "low": 8, "20xLow": 7, "liSaaS": 7, "notSupported": 0}

_COMPLIANCE: Final = (
    *_standards(),
    Factor(
        "fed_ramp_level",
        Group.COMPLIANCE,
        Kind.ONE_OF,
        "FedRAMP level",
        "only of authorised products",
        graph=("fedRampLevel",),
        scoring=Listed(_FED_RAMP),
        may_not_apply=True,
    ),
    Factor(
        "csa_star_level",
        Group.COMPLIANCE,
        Kind.ONE_OF,
        "CSA STAR level",
        graph=("csaStarLevel",),
        scoring=Listed(
            {"continuousMonitoring": 10, "certification": 9, "attestation": 9, "cStarAssessment": 9}
            | {"selfAssessment": 6, "notSupported": 0}
        ),
        may_not_apply=True,
    ),
    Factor(
        "pci_dss_version",
        Group.COMPLIANCE,
        Kind.ONE_OF,
        "PCI DSS version",
        graph=("pciDssVersion",),
        scoring=Listed(
            {"v4_0_1": 10, "v4": 10, "v3_2_1": 8, "v3_2": 7, "v3_1": 6, "v3": 5, "v2": 3, "v1": 2, "notSupported": 0}
        ),
        may_not_apply=True,
    ),
)


def _gdpr() -> Iterable[Factor]:
    """Yield the rights and duties; the Graph has two names for two of them, each of which is still one factor."""
    named = {
        ("isGdprRightToErasure",): "right to erasure",
        ("isGdprRightToAccess",): "right of access",
        ("isGdprRightToDataPortablility",): "data portability",  # misspelt in the Graph's schema
        ("isGdprRightToRectification",): "right to rectification",
        ("isGdprReportDataBreaches",): "reports data breaches",
        ("isGdprImpactAssessment", "isGdprDataProtectionImpactAssessment"): "impact assessment",
        (
            "isGdprSecureCrossBorderDataControl",
            "isGdprDataProtectionSecureCrossBorderDataTransfer",
        ): "safe transfers across borders",
        ("isGdprDataProtectionOfficer",): "data protection officer",
        ("isGdprRightToObject",): "right to object",
        ("isGdprRightToBeInformed",): "right to be informed",
        ("isGdprRightToRestrictionOfProcessing",): "right to restriction of processing",
        ("isGdprRightsRelatedToAutomatedDecisionMaking",): "automated decisions",
        ("isGdprLawfulBasisForProcessing",): "lawful basis for processing",
    }
    for graph, label in named.items():
        key = _snake(graph[0]).replace("portablility", "portability")
        yield Factor(key, Group.LEGAL, Kind.YES_NO, f"GDPR: {label}", graph=graph, scoring=YES, may_not_apply=True)


_LEGAL: Final = (
    _state("isDataOwnership", "Users keep ownership of their data", Group.LEGAL),
    _state("isDmca", "DMCA procedure", Group.LEGAL),
    Factor(
        "data_retention_policy",
        Group.LEGAL,
        Kind.ONE_OF,
        "Data retention after account end",
        graph=("dataRetentionPolicy",),
        scoring=Listed(
            {"deletedImmediately": 10, "deletedWithinTwoWeeks": 9, "deletedWithinOneMonth": 8}
            | {"deletedWithinThreeMonths": 6, "deletedWithinMoreThanThreeMonths": 3, "dataRetained": 0}
        ),
    ),
    Factor(
        "gdpr_readiness_statement",
        Group.LEGAL,
        Kind.URL,
        "GDPR readiness statement",
        graph=("gdprReadinessStatement",),
        scoring=PRESENT,
    ),
    *_gdpr(),
)

_EXTRA: Final = (
    Factor(
        "account_deletion_effort",
        Group.EXTRA,
        Kind.ONE_OF,
        "Effort to delete an account",
        "scored as right to erasure, so not again",
        values=("easy", "medium", "hard", "limited", "impossible"),
    ),
    Factor(
        "api_authentication",
        Group.EXTRA,
        Kind.ONE_OF,
        "API authentication",
        values=("none", "apiKey", "oAuth", "other"),
    ),
    Factor("vulnerability_disclosure", Group.EXTRA, Kind.URL, "Vulnerability disclosure programme"),
    Factor("bug_bounty", Group.EXTRA, Kind.YES_NO, "Bug bounty", "rewards are paid"),
    Factor("security_txt", Group.EXTRA, Kind.URL, "security.txt"),
    Factor("oauth_provider", Group.EXTRA, Kind.YES_NO, "OAuth provider"),
    Factor("change_password_url", Group.EXTRA, Kind.URL, "Change-password page"),
    Factor("mfa_methods", Group.EXTRA, Kind.LIST, "Second factors", "such as totp, sms, u2f"),
    Factor("passkey_support", Group.EXTRA, Kind.YES_NO, "Passkeys"),
    Factor("sso_surcharge", Group.EXTRA, Kind.YES_NO, "Single sign-on costs extra"),
    Factor("sso_surcharge_percent", Group.EXTRA, Kind.NUMBER, "Price of single sign-on", "percent more"),
    Factor(
        "fed_ramp_status",
        Group.EXTRA,
        Kind.ONE_OF,
        "FedRAMP status",
        values=("ready", "inProcess", "authorized"),
    ),
    Factor(
        "fed_ramp_government_edition",
        Group.EXTRA,
        Kind.ONE_OF,
        "FedRAMP level of the government edition",
        "a remark: says nothing of the edition everybody uses",
        values=("high", "moderate", "20xModerate", "low", "20xLow", "liSaaS"),
    ),
    Factor("scim_provisioning", Group.EXTRA, Kind.YES_NO, "Automatic user provisioning (SCIM)"),
    Factor("mcp_endpoint", Group.EXTRA, Kind.URL, "MCP endpoint"),
    Factor("hosting_abuse", Group.EXTRA, Kind.YES_NO, "Domain abused to host attacks"),
    Factor("terms_grade", Group.EXTRA, Kind.ONE_OF, "Grade of the terms", values=("A", "B", "C", "D", "E")),
    Factor("remote_access_tool", Group.EXTRA, Kind.YES_NO, "Remote-access tool"),
    Factor("pricing_model", Group.EXTRA, Kind.LIST, "Pricing model"),
    Factor("breached_accounts", Group.EXTRA, Kind.NUMBER, "Accounts in the latest breach"),
)

FACTORS: Final = MappingProxyType(
    {factor.key: factor for factor in (*_GENERAL, *_SECURITY, *_COMPLIANCE, *_LEGAL, *_EXTRA)}
)
"""Every factor by key, in display order."""

SCORED: Final = MappingProxyType({key: factor for key, factor in FACTORS.items() if factor.scoring is not None})
"""The factors that can count towards a score."""
