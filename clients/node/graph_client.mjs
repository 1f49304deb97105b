// Microsoft's libraries for Node, unmodified: a token by secret, people page by page, a batch, a refusal.
// Told only the platform's address; prints one JSON object for the test to judge.
import { ConfidentialClientApplication } from "@azure/msal-node";
import { BatchRequestContent, Client, GraphError, PageIterator } from "@microsoft/microsoft-graph-client";

const { root, tenant, client_id, client_secret, certificate, key, thumbprint } = JSON.parse(process.argv[2]);
const host = new URL(root).host;
const application = (credential) =>
  new ConfidentialClientApplication({
    auth: { clientId: client_id, authority: `${root}/${tenant}`, knownAuthorities: [host], ...credential },
  });
const scopes = ["https://graph.microsoft.com/.default"];
const bySecret = await application({ clientSecret: client_secret }).acquireTokenByClientCredential({ scopes });
const byCertificate = await application({
  clientCertificate: { thumbprintSha256: thumbprint, privateKey: key, x5c: certificate },
}).acquireTokenByClientCredential({ scopes });

const graph = Client.initWithMiddleware({
  authProvider: { getAccessToken: async () => byCertificate.accessToken },
  baseUrl: `${root}/`,
  customHosts: new Set([host.split(":")[0]]),
});
const people = [];
const first = await graph.api("/users").select(["id", "displayName", "assignedLicenses"]).top(200).get();
await new PageIterator(graph, first, (person) => Boolean(people.push(person.id))).iterate();

const parts = people.slice(0, 3).map((id, at) => ({ id: String(at + 1), request: new Request(`${root}/users/${id}`) }));
const batch = await graph.api("/$batch").post(await new BatchRequestContent(parts).getContent());

let refusal;
try {
  await graph.api("/users").top(1000).get();
} catch (error) {
  if (!(error instanceof GraphError)) throw error;
  refusal = { status: error.statusCode, code: error.code };
}
const skus = await graph.api("/subscribedSkus").get();
console.log(JSON.stringify({
  tokens: [bySecret.tokenType, byCertificate.tokenType],
  people,
  statuses: batch.responses.map((part) => part.status),
  refusal,
  skus: skus.value.map((sku) => sku.skuPartNumber),
}));
