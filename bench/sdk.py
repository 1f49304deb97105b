"""Microsoft's SDK for Python, as its documentation shows it, for the first people of a tenant.

`sdk.py JSON`: {graph_url, token, people}. Prints one JSON object.
"""

import asyncio
import json
import sys
import time
from urllib.parse import urlsplit

from azure.core.credentials import AccessToken
from kiota_abstractions.base_request_configuration import RequestConfiguration
from kiota_authentication_azure.azure_identity_authentication_provider import AzureIdentityAuthenticationProvider
from msgraph import GraphRequestAdapter, GraphServiceClient
from msgraph.generated.users.users_request_builder import UsersRequestBuilder

from pages import FIELDS


class Given:
    """A token that is there already, so that only Graph is measured."""

    def __init__(self, token):
        self.token = token

    def get_token(self, *_, **__):
        return AccessToken(self.token, int(time.time()) + 3600)


async def read(ask):
    provider = AzureIdentityAuthenticationProvider(Given(ask["token"]), allowed_hosts=[urlsplit(ask["graph_url"]).hostname])
    adapter = GraphRequestAdapter(provider)
    adapter.base_url = f"{ask['graph_url']}/v1.0"
    graph = GraphServiceClient(request_adapter=adapter)
    parameters = UsersRequestBuilder.UsersRequestBuilderGetQueryParameters(
        select=FIELDS.split(","), expand=["manager($select=id)"], top=999
    )
    began = time.perf_counter()
    page = await graph.users.get(RequestConfiguration(query_parameters=parameters))
    people = len(page.value)
    while page.odata_next_link and people < ask["people"]:
        page = await graph.users.with_url(page.odata_next_link).get()
        people += len(page.value)
    return {"seconds": time.perf_counter() - began, "people": people}


print(json.dumps(asyncio.run(read(json.loads(sys.argv[1])))))
