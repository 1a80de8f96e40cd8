"""The audit log in the portal."""

from __future__ import annotations

import re

from opencasb.portal.pages.audit_log import PAGE
from tests.portal.site import Site


def test_every_entry_is_on_one_page(site: Site) -> None:
    """The newest come first; the last page has no link to older ones."""
    visitor, log, tenant = site.visitor(), site.casb.identity.audit_log, site.contoso.tenant_id
    for number in range(2 * PAGE):
        site.clock.now += 1
        log.add(tenant, "test.note", by="me", target=f"number {number}", found=number)
    seen, path = [], "audit-log"
    while path:
        text = visitor.page(path)
        seen += re.findall(r'<td class="any">number (\d+)</td>', text)
        older = re.search(r'href="/portal/(audit-log\?before=[0-9a-f]{24})"', text)
        path = older[1] if older else ""
    assert seen == [str(number) for number in reversed(range(2 * PAGE))]
    assert "found: 99" in visitor.page("audit-log")


def test_an_entry_of_nobody_is_not_found(site: Site) -> None:
    """It is not found in another tenant either."""
    other = site.casb.identity.audit_log
    other.add(site.tenants[1].tenant_id, "test.note", by="them")
    [entry] = other.latest(site.tenants[1].tenant_id, 1)
    for before in (entry.entry_id, "0" * 24, "x"):
        assert site.visitor().open(f"audit-log?before={before}").status_code == 404


def test_details_are_written_as_elsewhere(site: Site) -> None:
    """Lists and booleans as in the APIs and exports, strings unchanged, timestamps as dates."""
    log, tenant = site.casb.identity.audit_log, site.contoso.tenant_id
    log.add(tenant, "test.note", by="me", expires=1_795_846_455_286)
    assert 'expires: <time datetime="2026-11-28T06:14:15+00:00">2026-11-28 06:14 UTC</time>' in site.visitor().page(
        "audit-log"
    )
    log.add(tenant, "test.note", by="me", permissions=["<é>"], none=[], on=True, name="Ann, [1]")
    shown = "permissions: [&#34;&lt;é&gt;&#34;]; none: []; on: true; name: Ann, [1]"
    assert shown in site.visitor().page("audit-log")


def test_ids_have_the_names_of_what_they_stand_for(site: Site) -> None:
    """Cloud apps, applications and users; the id remains, and a tag that is a number is no app."""
    log, tenant, user = site.casb.identity.audit_log, site.contoso.tenant_id, site.user()
    client = site.casb.identity.applications.create(tenant, "Report <tool>").client_id
    log.add(tenant, "consent.grant_delegated", by=client, target=client, user_id=user.user_id)
    log.add(tenant, "app_tag.add", by="me", target="10489", tag="Sanctioned")
    log.add(tenant, "app_tag.delete", by="me", target="11627")
    log.add(tenant, "score.override", by="me", target="999999999999")
    text = site.visitor().page("audit-log")
    assert text.count(f'<bdi>Report &lt;tool&gt;</bdi> <span class="soft">{client}</span>') == 2 + 1  # app.create, too
    assert f'user_id: <bdi>{user.upn}</bdi> <span class="soft">{user.user_id}</span>' in text
    assert '<td class="any"><bdi>Box</bdi> <span class="soft">10489</span></td>' in text
    assert '<td class="any">11627</td>' in text
    assert '<td class="any">999999999999</td>' in text
