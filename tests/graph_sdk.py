"""The unmodified Graph SDK for Python, connected to our server."""

from __future__ import annotations

import asyncio
import ssl
import warnings
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
from azure.core.credentials import TokenCredential

Work = Callable[[Any], Awaitable[Any]]  # the SDK has no common type


def ask(base: str, credential: TokenCredential, work: Work, *, verify: ssl.SSLContext | bool = True) -> Any:
    """Run ``work`` with an SDK client that uses these credentials."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of classes within the SDK
        transport = httpx.AsyncHTTPTransport(verify=verify)  # ours, because the SDK never closes its own
        return asyncio.run(_ask(base, credential, work, transport))


async def _ask(base: str, credential: TokenCredential, work: Work, transport: httpx.AsyncHTTPTransport) -> Any:
    from kiota_authentication_azure.azure_identity_authentication_provider import AzureIdentityAuthenticationProvider
    from msgraph_beta import GraphRequestAdapter, GraphServiceClient  # type: ignore[import-untyped]
    from msgraph_core import APIVersion, GraphClientFactory  # type: ignore[import-untyped]

    http = GraphClientFactory.create_with_default_middleware(
        api_version=APIVersion.beta, client=httpx.AsyncClient(transport=transport, trust_env=False)
    )
    scopes = ["https://graph.microsoft.com/.default"]
    hosts = ["localhost", "127.0.0.1"]
    provider = AzureIdentityAuthenticationProvider(credential, scopes=scopes, allowed_hosts=hosts)
    async with http, transport:
        adapter = GraphRequestAdapter(provider, http)
        adapter.base_url = f"{base}/beta"
        return await work(GraphServiceClient(request_adapter=adapter))


def streams(client: Any) -> Any:  # SDK builders
    """Return the builder for the streams."""
    return client.security.data_discovery.cloud_app_discovery.uploaded_streams


async def read(client: Any, url: str, model: type) -> Any:  # an instance of the model
    """Read a URL for which the SDK has no builder."""
    from kiota_abstractions.method import Method
    from kiota_abstractions.request_information import RequestInformation

    request = RequestInformation(Method.GET)
    request.url = url
    return await client.request_adapter.send_async(request, model, {})
