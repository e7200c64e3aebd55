// The distribution as MiniStack holds it: read again before a request when it was last read more than REFRESH_MS ago, so that an
// update of the stack or of the key-value store takes effect at once.
import { EdgeFunction } from './edge-function.mjs';

const REFRESH_MS = 100;

export class Distribution {
    #url;
    #id;
    #readAt = 0;
    #reading = null;
    #text = '';
    #functions = new Map();
    #current = null;

    constructor(ministack, id) {
        this.#url = new URL('/_berth/distributions', ministack);
        this.#id = id;
    }

    async current() {
        if (Date.now() - this.#readAt >= REFRESH_MS) {
            this.#reading ??= this.#read().finally(() => (this.#reading = null));
            await this.#reading;
        }
        return this.#current;
    }

    async #read() {
        const answer = await fetch(this.#url);
        const text = await answer.text();
        if (!answer.ok) throw new Error(`MiniStack answered ${answer.status} to ${this.#url}: ${text}`);
        if (text !== this.#text) {
            const found = JSON.parse(text).find(({ id }) => id === this.#id);
            if (!found) throw new Error(`there is no distribution ${this.#id}`);
            this.#current = new Configuration(found, this.#compiled.bind(this));
            this.#text = text;
        }
        this.#readAt = Date.now();
    }

    // A function is compiled again only when its code changed.
    #compiled(arn, code) {
        const known = this.#functions.get(arn);
        if (known?.code === code) return known.compiled;
        const compiled = new EdgeFunction(arn, code);
        this.#functions.set(arn, { code, compiled });
        return compiled;
    }
}

class Configuration {
    constructor(found, compiled) {
        refuseWhatIsNotImitated(found);
        this.id = found.id;
        this.arn = found.arn;
        this.domain = found.domain;
        this.origins = found.origins;
        const behavior = (one) => ({
            pattern: one.path_pattern ? globOf(one.path_pattern) : /^/,
            originId: one.target_origin_id,
            methods: one.allowed_methods ?? ['GET', 'HEAD'],
            forwarded: forwardedBy(found, one),
            functions: Object.fromEntries(Object.entries(one.functions).map(([eventType, arn]) => {
                const { code, key_values: keyValues } = found.functions[arn];
                if (!code) throw new Error(`${arn} is not published: set AutoPublish`);
                return [eventType, { compiled: compiled(arn, code), keyValues }];
            })),
        });
        this.behaviors = [...found.ordered_behaviors, found.default_behavior].map(behavior);
    }

    // The first one whose path pattern fits; the default one fits always.
    behaviorFor(path) {
        return this.behaviors.find(({ pattern }) => pattern.test(path));
    }
}

// The template must not come to rely on what would not happen here.
function refuseWhatIsNotImitated(found) {
    const behaviors = [found.default_behavior, ...found.ordered_behaviors];
    const unknown = [
        [found.default_root_object, 'DefaultRootObject'],
        [Object.keys(found.custom_error_responses).length, 'CustomErrorResponses'],
        [behaviors.some((one) => one.response_headers_policy_id), 'ResponseHeadersPolicyId'],
        [behaviors.some((one) => one.forwarded_values), 'ForwardedValues'],
        [behaviors.some((one) => !one.cache_policy_id), 'a behaviour without CachePolicyId'],
    ].filter(([present]) => present).map(([, name]) => name);
    if (unknown.length) throw new Error(`the front does not imitate ${unknown.join(', ')} of distribution ${found.id}`);
}

// `*` stands for any characters, `?` for one; the slash at the beginning may be missing.
function globOf(pattern) {
    const escaped = pattern.replace(/^\/?/, '/').replace(/[.+^${}()|[\]\\]/g, '\\$&');
    return new RegExp(`^${escaped.replaceAll('*', '.*').replaceAll('?', '.')}$`, 's');
}

// What the cache policy or the origin request policy lets through: {headers, cookies, queries}, each a test of one name.
function forwardedBy(found, behavior) {
    const policies = [
        found.cache_policies[behavior.cache_policy_id],
        found.origin_request_policies[behavior.origin_request_policy_id],
    ].filter(Boolean);
    const test = (kind, names, normal) => {
        const tests = policies.map((policy) => testOf(policy[kind] ?? 'none', (policy[names] ?? []).map(normal)));
        return (name) => tests.some((passes) => passes(normal(name)));
    };
    return {
        headers: test('HeaderBehavior', 'Headers', (name) => name.toLowerCase()),
        cookies: test('CookieBehavior', 'Cookies', (name) => name),
        queries: test('QueryStringBehavior', 'QueryStrings', (name) => name),
    };
}

function testOf(kind, names) {
    switch (kind) {
        case 'none': return () => false;
        case 'all': case 'allViewer': case 'allViewerAndWhitelistCloudFront': return () => true;
        case 'whitelist': return (name) => names.includes(name);
        case 'allExcept': return (name) => !names.includes(name);
        default: throw new Error(`policy behaviour '${kind}' is not known`);
    }
}
