// The unmodified Graph client, run as `node graph.mjs OPTIONS`. Prints what it reads of a stream as a line of JSON.
import { ClientSecretCredential } from "@azure/identity";
import { BatchRequestContent, BatchResponseContent, Client, PageIterator } from "@microsoft/microsoft-graph-client";
import { TokenCredentialAuthenticationProvider } from "@microsoft/microsoft-graph-client/authProviders/azureTokenCredentials/index.js";

const given = JSON.parse(process.argv[2]);
const azure = { authorityHost: given.base, disableInstanceDiscovery: true };
const credential = new ClientSecretCredential(given.tenant, given.clientId, given.secret, azure);
const scopes = ["https://graph.microsoft.com/.default"];
const client = Client.initWithMiddleware({
  authProvider: new TokenCredentialAuthenticationProvider(credential, { scopes }),
  baseUrl: given.base,
  customHosts: new Set([new URL(given.base).hostname]),
  defaultVersion: "beta",
});

async function every(request) {
  const found = [];
  await new PageIterator(client, await request.get(), (each) => found.push(each) > 0).iterate();
  return found;
}

const root = "/security/dataDiscovery/cloudAppDiscovery/uploadedStreams";
const stream = (await every(client.api(root))).find((each) => each.displayName === given.source);
const apps = `${root}/${stream.id}/aggregatedAppsDetails(period=duration'P30D')`;
const found = await every(client.api(apps).select("id,displayName,transactionCount").orderby("displayName"));
const dropbox = await client.api(apps).filter("displayName eq 'Dropbox'").count(true).get();
const users = await every(client.api(`${apps}/${dropbox.value[0].id}/users`));

const batch = new BatchRequestContent([
  { id: "1", request: new Request(`${given.base}/beta${root}/${stream.id}`) },
  { id: "2", request: new Request(`${given.base}/beta${root}/${"0".repeat(24)}`) },
]);
const answers = new BatchResponseContent(await client.api("/$batch").post(await batch.getContent()));
const refused = await client.api(`${root}/${"0".repeat(24)}`).get().catch((error) => [error.statusCode, error.code]);

console.log(
  JSON.stringify({
    stream: stream.id,
    apps: found.map((each) => [each.id, each.displayName, each.transactionCount]),
    count: dropbox["@odata.count"],
    users: users.map((each) => each.userIdentifier),
    batch: [(await answers.getResponseById("1").json()).id, answers.getResponseById("2").status],
    refused,
  }),
);
