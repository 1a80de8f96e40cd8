// Unmodified clients, one flow per run: `node clients.mjs FLOW OPTIONS`. Prints a line of JSON for each step a user
// must take in a browser, reads a line when it is done, and finally prints the result.
import { readSync } from "node:fs";
import { ClientCertificateCredential, ClientSecretCredential, DeviceCodeCredential } from "@azure/identity";
import { ConfidentialClientApplication, CryptoProvider, PublicClientApplication } from "@azure/msal-node";

const [flow, given] = [process.argv[2], JSON.parse(process.argv[3])];

// Blocks the event loop, so that a device polls for its token only after approval.
function ask(question) {
  console.log(JSON.stringify(question));
  const answer = Buffer.alloc(65536);
  for (;;) {
    try {
      return JSON.parse(answer.toString("utf8", 0, readSync(0, answer)));
    } catch (error) {
      if (error.code !== "EAGAIN") throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20);
    }
  }
}

function known(auth) {
  return { auth: { clientId: given.clientId, authority: given.authority, knownAuthorities: [given.host], ...auth } };
}

const certificate = { thumbprintSha256: given.thumbprint, privateKey: given.key, x5c: given.certificate };
const azure = { authorityHost: given.base, disableInstanceDiscovery: true };
const scopes = [given.scope];

const flows = {
  async secret() {
    const client = new ConfidentialClientApplication(known({ clientSecret: given.secret }));
    const first = await client.acquireTokenByClientCredential({ scopes });
    const second = await client.acquireTokenByClientCredential({ scopes });
    return [first.accessToken, second.fromCache];
  },
  async openid() {
    const options = known({ clientSecret: given.secret, authority: `${given.authority}/v2.0` });
    const client = new ConfidentialClientApplication({ ...options, system: { protocolMode: "OIDC" } });
    return (await client.acquireTokenByClientCredential({ scopes })).accessToken;
  },
  async certificate() {
    const client = new ConfidentialClientApplication(known({ clientCertificate: certificate }));
    return (await client.acquireTokenByClientCredential({ scopes })).accessToken;
  },
  async code() {
    const client = new ConfidentialClientApplication(known({ clientSecret: given.secret }));
    const { verifier, challenge } = await new CryptoProvider().generatePkceCodes();
    const redirectUri = given.redirect;
    const asked = { scopes, redirectUri, codeChallenge: challenge, codeChallengeMethod: "S256", responseMode: "query" };
    const { code } = ask({ open: await client.getAuthCodeUrl(asked) });
    const first = await client.acquireTokenByCode({ scopes, redirectUri, code, codeVerifier: verifier });
    const again = await client.acquireTokenSilent({ scopes, account: first.account, forceRefresh: true });
    return [first.accessToken, again.accessToken, first.account.username, again.fromCache];
  },
  async device() {
    const client = new PublicClientApplication(known({}));
    return (await client.acquireTokenByDeviceCode({ scopes, deviceCodeCallback: ask })).accessToken;
  },
  async password() {
    const client = new PublicClientApplication(known({}));
    const { username, password } = given;
    return (await client.acquireTokenByUsernamePassword({ scopes, username, password })).accessToken;
  },
  async refusal() {
    const client = new ConfidentialClientApplication(known({ clientSecret: "wrong" }));
    return client.acquireTokenByClientCredential({ scopes }).catch((error) => error.message);
  },
  async plain() {
    const auth = { clientId: given.clientId, clientSecret: "x", authority: given.plain };
    const asked = async () => new ConfidentialClientApplication({ auth }).acquireTokenByClientCredential({ scopes });
    return asked().catch((error) => error.errorCode);
  },
  async azureSecret() {
    return (await new ClientSecretCredential(given.tenant, given.clientId, given.secret, azure).getToken(scopes)).token;
  },
  async azureCertificate() {
    const pem = { certificate: given.key + given.certificate };
    return (await new ClientCertificateCredential(given.tenant, given.clientId, pem, azure).getToken(scopes)).token;
  },
  async azureDevice() {
    const known = { ...azure, tenantId: given.tenant, clientId: given.clientId };
    const credential = new DeviceCodeCredential({ ...known, userPromptCallback: ask });
    return (await credential.getToken(scopes)).token;
  },
};

console.log(JSON.stringify({ result: await flows[flow]() }));
