// Which headers an edge function may see and set, from CloudFront's "Restrictions on edge functions". Names in lower case.

export const READ_ONLY = {
    'viewer-request': new Set(['cdn-loop', 'content-length', 'host', 'transfer-encoding', 'via']),
    'viewer-response': new Set(['via', 'warning']),
};

const HIDDEN = new Set([
    'connection', 'expect', 'keep-alive', 'proxy-authenticate', 'proxy-authorization', 'proxy-connection', 'trailer',
    'upgrade', 'x-amzn-auth', 'x-amzn-cf-billing', 'x-amzn-cf-id', 'x-amzn-cf-xff', 'x-amzn-errortype',
    'x-amzn-fle-profile', 'x-amzn-header-count', 'x-amzn-header-order', 'x-amzn-lambda-integration-tag',
    'x-amzn-requestid', 'x-cache', 'x-forwarded-proto', 'x-real-ip',
]);
const HIDDEN_PREFIXES = ['x-accel-', 'x-amz-cf-', 'x-edge-'];

// Functions neither see these nor may set them.
export const isHidden = (name) => HIDDEN.has(name) || HIDDEN_PREFIXES.some((prefix) => name.startsWith(prefix));

// An event carries these as `cookies` and not among its headers.
export const isCookie = (name) => name === 'cookie' || name === 'set-cookie';

// Headers of one connection, which no proxy hands on.
export const HOP_BY_HOP = new Set([
    'connection', 'expect', 'keep-alive', 'proxy-authenticate', 'proxy-authorization', 'proxy-connection', 'te', 'trailer',
    'upgrade',
]);

// Node's flat list of raw headers as pairs with names in lower case.
export function pairsOf(rawHeaders) {
    const pairs = [];
    for (let i = 0; i < rawHeaders.length; i += 2) {
        pairs.push([rawHeaders[i].toLowerCase(), rawHeaders[i + 1]]);
    }
    return pairs;
}

export const valueOf = (pairs, name) => pairs.find((pair) => pair[0] === name)?.[1];
