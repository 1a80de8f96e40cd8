"""The properties of discoveredCloudAppInfo (graph §3.5): what a catalog can know about an app."""

from __future__ import annotations

from typing import Final

from opencasb.api.graph import enums
from opencasb.api.graph.edm import Primitive, Property

FACTS: Final = (
    Property("csaStarLevel", enums.CSA_STAR_LEVEL, nullable=False),
    Property("dataAtRestEncryptionMethod", enums.DATA_AT_REST_ENCRYPTION, nullable=False),
    Property("dataCenter", Primitive.STRING),
    Property("dataRetentionPolicy", enums.DATA_RETENTION_POLICY, nullable=False),
    Property("dataTypes", enums.UPLOADED_DATA_TYPES, nullable=False),
    Property("domainRegistrationDateTime", Primitive.INSTANT),
    Property("encryptionProtocol", enums.ENCRYPTION_PROTOCOL, nullable=False),
    Property("fedRampLevel", enums.FED_RAMP_LEVEL, nullable=False),
    Property("founded", Primitive.INT32),
    Property("gdprReadinessStatement", Primitive.STRING),
    Property("headquarters", Primitive.STRING),
    Property("holding", enums.HOLDING, nullable=False),
    Property("hostingCompany", Primitive.STRING),
    Property("latestBreachDateTime", Primitive.INSTANT),
    Property("logonUrls", Primitive.STRING, collection=True),
    Property("pciDssVersion", enums.PCI_DSS_VERSION, nullable=False),
    Property("vendor", Primitive.STRING),
)
"""The properties other than three-state flags."""

_COMPLIANCE: Final = (
    *("isCobitCompliant", "isCoppaCompliant", "isFerpaCompliant", "isFfiecCompliant", "isFinraCompliant"),
    *("isFismaCompliant", "isGaapCompliant", "isGlbaCompliant", "isHipaaCompliant", "isHitrustCsfCompliant"),
    *("isIsae3402Compliant", "isIso27001Compliant", "isIso27017Compliant", "isIso27018Compliant", "isItarCompliant"),
    *("isPrivacyShieldCompliant", "isSoc1Compliant", "isSoc2Compliant", "isSoc3Compliant", "isSoxCompliant"),
    *("isSp80053Compliant", "isSsae16Compliant"),
)
# "isGdprRightToDataPortablility" is misspelled in the upstream schema; clients expect it that way.
_GDPR: Final = (
    *("isGdprDataProtectionImpactAssessment", "isGdprImpactAssessment", "isGdprDataProtectionOfficer"),
    *("isGdprDataProtectionSecureCrossBorderDataTransfer", "isGdprSecureCrossBorderDataControl"),
    *("isGdprLawfulBasisForProcessing", "isGdprReportDataBreaches", "isGdprRightToAccess", "isGdprRightToBeInformed"),
    *("isGdprRightToDataPortablility", "isGdprRightToErasure", "isGdprRightToObject", "isGdprRightToRectification"),
    *("isGdprRightToRestrictionOfProcessing", "isGdprRightsRelatedToAutomatedDecisionMaking"),
)
_HEADERS: Final = (
    *("isHttpSecurityHeadersContentSecurityPolicy", "isHttpSecurityHeadersStrictTransportSecurity"),
    *("isHttpSecurityHeadersXContentTypeOptions", "isHttpSecurityHeadersXFrameOptions"),
    "isHttpSecurityHeadersXXssProtection",
)
_SECURITY: Final = (
    *("isTrustedCertificate", "isValidCertificateName", "isAdminAuditTrail", "isDataAuditTrail", "isUserAuditTrail"),
    *("isDataClassification", "isDisasterRecoveryPlan", "isFileSharing", "isIpAddressRestriction"),
    *("isMultiFactorAuthentication", "isPasswordPolicy", "isPasswordPolicyChangePasswordPeriod"),
    *("isPasswordPolicyCharacterCombination", "isPasswordPolicyPasswordHistoryAndReuse"),
    *("isPasswordPolicyPasswordLengthLimit", "isPasswordPolicyPersonalInformationUse", "isPenetrationTesting"),
    *("isRememberPassword", "isRequiresUserAuthentication", "isSupportsSaml", "isUserCanUploadData"),
    "isUserRolesSupport",
)
_LEGAL: Final = ("isDataOwnership", "isDmca")

STATES: Final = (*_COMPLIANCE, *_GDPR, *_HEADERS, *_SECURITY, *_LEGAL)
"""The properties that are true, false or unknown."""

PROPERTIES: Final = (*FACTS, *(Property(name, enums.STATE, nullable=False) for name in STATES))

ALIASES: Final = {
    "tlsEncryptionProtocol": "encryptionProtocol",
    "hippa": "isHipaaCompliant",  # misspelled in widely copied documentation
}
"""Alternative property names, accepted in queries only."""


def short_names() -> dict[str, str]:
    """Return lower-case short name → property, for unambiguous names such as ``soc2`` (isSoc2Compliant)."""
    found: dict[str, set[str]] = {}
    for name in STATES:
        for short in {name.removeprefix("is"), name.removesuffix("Compliant"), name[2:].removesuffix("Compliant")}:
            found.setdefault(short.lower(), set()).add(name)
    full = {name.lower() for name in STATES}
    return {short: names.pop() for short, names in found.items() if len(names) == 1 and short not in full}
