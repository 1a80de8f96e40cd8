"""The output of ``opencasb demo``: how to use the running server, ready to copy."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from opencasb.settings import Settings


def demo_text(access: Mapping[str, str], settings: Settings, program: str = "opencasb") -> str:
    """Return the text, with calls that can be run unchanged.

    ``access`` is the output of ``demo --json``; ``program`` is the path under which a shell finds this program.
    """
    base, ca = access["server"], shlex.quote(access["authority"])
    http = settings.http_port
    plain = f"  (plain HTTP on this machine: http://127.0.0.1:{http})" if http else ""
    limit = settings.requests_per_minute
    calls = f"{limit} a minute over the REST API; OPENCASB_REQUESTS_PER_MINUTE=0 removes the limit" if limit else "none"
    graph = f"{base}/beta/security/dataDiscovery/cloudAppDiscovery/uploadedStreams"
    return f"""
OpenCASB is running with sample data of {access["company"]}.

  Server         {base}{plain}
  Trust this CA  {access["authority"]}
  Portal         {access["portal"]}
  Sign-in        {access["user"]} / {access["password"]}
  API token      {access["token"]}
  Tenant id      {access["tenant_id"]}
  Client id      {access["client_id"]}
  Client secret  {access["client_secret"]}
  Rate limit     {calls}
  Commands       {shlex.quote(program)} report apps --data {shlex.quote(access["data"])}

The apps with the most uploaded bytes, over the REST API:

  curl -s --cacert {ca} -H "Authorization: Token {access["token"]}" \\
    -d '{{"streamId": "{access["stream_id"]}", "timeframe": 30, "limit": 10, "sortField": "trafficUploadedBytes"}}' \\
    {base}/api/v1/discovery/discovered_apps/

Failed sign-ins of a password-guessing attack, and the open alerts:

  curl -s --cacert {ca} -H "Authorization: Token {access["token"]}" \\
    -d '{{"filters": {{"activity.eventType": {{"eq": ["EVENT_CATEGORY_FAILED_LOGIN"]}}}}, "limit": 5}}' \\
    {base}/api/v1/activities/
  curl -s --cacert {ca} -H "Authorization: Token {access["token"]}" \\
    -d '{{"filters": {{"alertOpen": {{"eq": true}}}}}}' {base}/api/v1/alerts/

The same apps with their tags and users, over the Graph API (the first command gets a token):

  TOKEN=$(curl -s --cacert {ca} {base}/{access["tenant_id"]}/oauth2/v2.0/token \\
    -d grant_type=client_credentials -d client_id={access["client_id"]} \\
    --data-urlencode client_secret={access["client_secret"]} \\
    -d scope=https://graph.microsoft.com/.default | sed 's/.*"access_token":"\\([^"]*\\)".*/\\1/')
  curl -s --cacert {ca} -H "Authorization: Bearer $TOKEN" \\
    "{graph}/{access["stream_id"]}/aggregatedAppsDetails(period=duration'P30D')?\\$top=10&\\$orderby=uploadNetworkTrafficInBytes%20desc"

Stop with Ctrl-C. Data is kept in {access["data"]}.
"""
