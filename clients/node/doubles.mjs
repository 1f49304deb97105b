// Other people's doubles of an identity platform, under the addresses that Microsoft's has.
// `doubles.mjs oauth2-mock-server|oidc-provider JSON`; prints {url} when ready and ends with its standard input.
import { createServer } from "node:http";

const [, , kind, told] = process.argv;
const { tenant, scope, clients, person } = JSON.parse(told);
const token = `/${tenant}/oauth2/v2.0/token`;

async function mockServer() {
  const { OAuth2Server } = await import("oauth2-mock-server");
  const server = new OAuth2Server(undefined, undefined, { endpoints: { token, jwks: "/keys" } });
  await server.issuer.keys.generate("RS256");
  server.service.on("beforeTokenSigning", (signed, request) => {
    // As Microsoft says for which tenant a token is; another one where the test asks for it.
    signed.payload.tid = request.body?.client_id === "elsewhere" ? "99999999-0000-4000-8000-000000000000" : tenant;
  });
  server.service.on("beforeResponse", (answer, request) => {
    if (request.body?.client_secret === "refused") {
      answer.statusCode = 401;
      answer.body = { error: "invalid_client" };
    }
  });
  await server.start(0, "127.0.0.1");
  return `http://127.0.0.1:${server.address().port}`;
}

async function oidcProvider() {
  const { default: Provider, interactionPolicy } = await import("oidc-provider");
  // OpenID Connect knows this prompt; the library leaves it to whoever has accounts to choose from.
  const policy = interactionPolicy.base();
  policy.add(new interactionPolicy.Prompt({ name: "select_account", requestable: true }), 0);
  const listener = createServer().listen(0, "127.0.0.1");
  await new Promise((done) => listener.once("listening", done));
  const url = `http://127.0.0.1:${listener.address().port}`;
  const account = { sub: person.oid, tid: tenant, ...person };
  const provider = new Provider(url, {
    clients,
    routes: { token, authorization: `/${tenant}/oauth2/v2.0/authorize`, jwks: "/keys" },
    scopes: ["openid", "profile", "offline_access", scope],
    claims: { openid: ["sub"], profile: ["oid", "tid", "preferred_username", "name"] },
    // Microsoft puts what the profile holds into the id token.
    conformIdTokenClaims: false,
    clientAuthMethods: ["client_secret_post", "private_key_jwt", "client_secret_basic", "none"],
    enabledJWA: { clientAuthSigningAlgValues: ["PS256", "RS256"] },
    pkce: { required: () => true },
    // OpenID Connect wants prompt=consent for it; Microsoft does not.
    issueRefreshToken: () => true,
    features: {
      clientCredentials: { enabled: true },
      devInteractions: { enabled: false },
      resourceIndicators: {
        enabled: true,
        defaultResource: () => new URL(scope).origin,
        useGrantedResource: () => true,
        getResourceServerInfo: () => ({ scope, accessTokenFormat: "jwt", audience: new URL(scope).origin, jwt: { sign: { alg: "RS256" } } }),
      },
    },
    extraTokenClaims: () => ({ tid: tenant }),
    findAccount: () => ({ accountId: account.sub, claims: () => account }),
    // The person picks an account and agrees at once.
    interactions: { policy, url: (_, interaction) => `/pick/${interaction.uid}` },
  });
  const answer = provider.callback();
  listener.on("request", async (request, response) => {
    if (!request.url.startsWith("/pick/")) return answer(request, response);
    const { prompt, params, grantId, session } = await provider.interactionDetails(request, response);
    if (prompt.name !== "consent") {
      return provider.interactionFinished(request, response, { login: { accountId: account.sub }, select_account: {} }, { mergeWithLastSubmission: true });
    }
    const grant = grantId ? await provider.Grant.find(grantId) : new provider.Grant({ accountId: session.accountId, clientId: params.client_id });
    grant.addOIDCScope(`openid profile offline_access ${scope}`);
    for (const [resource, scopes] of Object.entries(prompt.details.missingResourceScopes ?? {})) grant.addResourceScope(resource, scopes.join(" "));
    return provider.interactionFinished(request, response, { consent: { grantId: await grant.save() } }, { mergeWithLastSubmission: true });
  });
  return url;
}

const url = await (kind === "oidc-provider" ? oidcProvider() : mockServer());
console.log(JSON.stringify({ url }));
process.stdin.resume();
process.stdin.once("end", () => process.exit(0));
