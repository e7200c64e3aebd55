// An OpenID Connect provider on a free loopback port: `provider.mjs MODULES`, where MODULES is the folder that holds node_modules.
//
// Its people are below; any password is right. Whoever signs in agrees on a page of its own, as people do. Says on standard output
// where it is.
import { createServer } from 'node:http';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

const modules = resolve(process.argv[2]);
const { Provider } = await import(pathToFileURL(join(modules, 'node_modules/oidc-provider/lib/index.js')).href);

const PEOPLE = {
    alice: { name: 'Alice', email: 'alice@id.example', groups: ['devs', 'unknown'] },
    bob: { name: 'Bob', email: 'bob@id.example', groups: [] },
    root: { name: 'Root', email: 'root@id.example', groups: ['admins'] },
    admin: { name: 'Not the admin', email: 'admin@id.example', groups: [] },
};

// Registries of tests have ports of their own.
const isOfATest = (path) => (uri) => new RegExp(`^http://127\\.0\\.0\\.1:[0-9]+${path}$`).test(uri);

const server = createServer();
server.listen(0, '127.0.0.1', () => {
    const issuer = `http://127.0.0.1:${server.address().port}`;
    const provider = new Provider(issuer, {
        clients: [{
            client_id: 'berth',
            client_secret: 'secret of the tests',
            redirect_uris: ['http://127.0.0.1/c/oidc/callback'],
            post_logout_redirect_uris: ['http://127.0.0.1/api/docs'],
        }],
        cookies: { keys: ['key of the tests'] },
        pkce: { required: () => true },
        // As most providers have it: the groups come with the userinfo, not with the ID token.
        claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name', 'preferred_username', 'groups'] },
        findAccount: (_, id) => PEOPLE[id] && {
            accountId: id,
            claims: () => ({ sub: id, preferred_username: id, email_verified: true, ...PEOPLE[id] }),
        },
    });
    provider.Client.prototype.redirectUriAllowed = isOfATest('/c/oidc/callback');
    provider.Client.prototype.postLogoutRedirectUriAllowed = isOfATest('/api/docs');
    server.on('request', provider.callback());
    console.log(`the provider is at ${issuer}`);
});
