// CloudFront Function, runtime 2.0, viewer-request: lets blob bytes travel between the client and S3 directly.
//
// These paths go to S3, the rest to the API:
//   /v2/<name>/blobs/uploads/<id>.<expiry>.<mac>   mac over "upload\n<name>\n<id>\n<expiry>"
//   /blobs/<digest>/<expiry>.<mac>                 mac over "blob\n<digest>\n<expiry>"
// `expiry` is in seconds since 1970, no longer valid when reached; `mac` is HMAC-SHA256 in base64url, 43 characters, its
// key the text of the secret, not decoded. An `id` that ends in "-pieces" belongs to an upload that the API has begun.
//
// Configuration in the key-value store; every key may be absent:
//   mac:current, mac:previous   secrets, either may verify; without any, uploads go to the API, downloads are refused
//   gateway                     "1" when the stack has the origin `gateway`, which takes bodies of any size
//   auth                        "https" where access is not open: no credentials are challenged here, and
//                               `x-berth-url` tells the API how the viewer named it
//   viewer                      "1" where the API must know the viewer's address, in `x-berth-viewer`
//   max_body_bytes              the largest body that the registry function takes, when there is no gateway
// Origins of the distribution: `s3`, `gateway`, and the behaviour's own (the registry function, or below /api/ and /c/ the management
// function) when none is selected.
//
// Runtime 2.0 knows no spread, destructuring, default parameter, for-of, `?.` or `??`.
import cf from 'cloudfront';
const crypto = require('crypto');

const UPLOAD = /^\/v2\/(.+)\/blobs\/uploads\/([^/]+)$/;
const API = /^\/v2\/(.+)\/(?:blobs|manifests|tags|referrers)\//;
const NAME = /^[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*)*$/;
const SESSION = /^([A-Za-z0-9_-]+)\.([0-9]{1,15})\.([A-Za-z0-9_-]{43})$/;
const BLOB = /^\/blobs\/((sha256):([0-9a-f]{64})|(sha512):([0-9a-f]{128}))\/([0-9]{1,15})\.([A-Za-z0-9_-]{43})$/;
const SHA256 = /^sha256:([0-9a-f]{64})$/;

// S3's limit for one PUT.
const MAX_PUT_BYTES = 5368709120;
const DEFAULT_MAX_BODY_BYTES = 4500000;

// S3 sees these headers and no other; the first five are read-only here.
const UPLOAD_HEADERS = ['cdn-loop', 'content-length', 'host', 'transfer-encoding', 'via', 'user-agent'];
const BLOB_HEADERS = UPLOAD_HEADERS.concat([
    'range', 'if-range', 'if-match', 'if-none-match', 'if-modified-since', 'if-unmodified-since',
]);

const STREAMING_AGENTS = /^(?:docker|containers|libpod|podman|skopeo|buildah|kaniko|jib)[/ ]/i;

const VALID = 'valid';
const FORGED = 'forged';
const EXPIRED = 'expired';
const NO_KEY = 'no key';

async function handler(event) {
    const request = event.request;
    const upload = UPLOAD.exec(request.uri);
    if (upload && NAME.test(upload[1])) {
        return await uploadRequest(event, upload[1], upload[2]);
    }
    if (request.uri.startsWith('/blobs/')) {
        return await blobRequest(request);
    }
    return await apiRequest(event);
}

// Every way to the API: what a viewer says of his address, or of how he named this place, is not passed on.
async function apiRequest(event) {
    const request = event.request;
    delete request.headers['x-berth-viewer'];
    delete request.headers['x-berth-url'];
    if (await setting('viewer') === '1') {
        request.headers['x-berth-viewer'] = { value: event.viewer.ip };
    }
    const scheme = await setting('auth');
    if (scheme) {
        if (request.uri.startsWith('/v2/') && !request.headers.authorization) {
            return challenge(request, scheme);
        }
        request.headers['x-berth-url'] = { value: scheme + '://' + request.headers.host.value };
    }
    return request;
}

// What the API would answer, at no call.
function challenge(request, scheme) {
    const host = request.headers.host.value;
    const name = API.exec(request.uri);
    const actions = request.method === 'GET' || request.method === 'HEAD' ? 'pull'
        : request.method === 'DELETE' ? 'delete' : 'pull,push';
    const scope = name && NAME.test(name[1]) ? ',scope="repository:' + name[1] + ':' + actions + '"' : '';
    const response = refusal(401, 'Unauthorized', 'UNAUTHORIZED', 'authentication required');
    response.headers['www-authenticate'] = {
        value: 'Bearer realm="' + scheme + '://' + host + '/token",service="' + host + '"' + scope,
    };
    return response;
}

// One PUT with a whole blob goes to S3, which checks the digest; the rest, the PUT of a last piece too, to the API.
async function uploadRequest(event, name, session) {
    const request = event.request;
    const length = bodyLength(request);
    const hasGateway = await setting('gateway') === '1';
    const hex = request.method === 'PUT' && length > 0 ? sha256InQuery(request.querystring) : null;
    const parts = SESSION.exec(session);
    if (!hex || !parts || parts[1].endsWith('-pieces') || (hasGateway && length > MAX_PUT_BYTES)) {
        return await toApi(event, length, hasGateway);
    }
    const verdict = await verify('upload\n' + name + '\n' + parts[1] + '\n' + parts[2], parts[2], parts[3]);
    if (verdict === NO_KEY) {
        return await toApi(event, length, hasGateway);
    }
    if (verdict === FORGED) {
        return refusal(404, 'Not Found', 'BLOB_UPLOAD_UNKNOWN', 'upload session unknown to this repository');
    }
    if (verdict === EXPIRED) {
        return refusal(404, 'Not Found', 'BLOB_UPLOAD_UNKNOWN', 'upload session expired: start a new upload');
    }
    if (length > MAX_PUT_BYTES) {
        return refusal(413, 'Content Too Large', 'SIZE_INVALID',
            'one PUT takes at most ' + MAX_PUT_BYTES + ' bytes: push in chunks or through a gateway');
    }
    toS3(request, '/uploads/' + name + '/sha256/' + hex, UPLOAD_HEADERS);
    request.headers['x-amz-checksum-sha256'] = { value: Buffer.from(hex, 'hex').toString('base64') };
    return request;
}

// A body that the registry function could never receive is refused here. UNSUPPORTED keeps Docker from trying it again.
async function toApi(event, length, hasGateway) {
    const request = event.request;
    if (hasGateway) {
        cf.selectRequestOriginById('gateway');
        return await apiRequest(event);
    }
    if (request.method === 'PATCH' || request.method === 'PUT') {
        const limit = Number(await setting('max_body_bytes')) || DEFAULT_MAX_BODY_BYTES;
        if (length > limit || (request.method === 'PATCH' && length < 0 && streamsLayers(request))) {
            return refusal(413, 'Content Too Large', 'UNSUPPORTED',
                'this registry has no gateway and takes at most ' + limit + ' bytes of known length here: push with '
                + 'one PUT (Docker with the containerd image store, oras, helm, regctl), with `berth push`, '
                + 'or through a gateway');
        }
    }
    return await apiRequest(event);
}

// Clients that send layers as streams of unknown length: Lambda's front would take all of one before it refuses.
function streamsLayers(request) {
    const agent = request.headers['user-agent'];
    return Boolean(agent) && STREAMING_AGENTS.test(agent.value);
}

async function blobRequest(request) {
    if (request.method !== 'GET' && request.method !== 'HEAD') {
        const response = refusal(405, 'Method Not Allowed', 'UNSUPPORTED', 'a blob link takes GET and HEAD only');
        response.headers.allow = { value: 'GET, HEAD' };
        return response;
    }
    const parts = BLOB.exec(request.uri.replace(/%3a/i, ':'));
    const verdict = parts ? await verify('blob\n' + parts[1] + '\n' + parts[6], parts[6], parts[7]) : FORGED;
    if (verdict === EXPIRED) {
        return refusal(403, 'Forbidden', 'DENIED', 'blob link expired: ask the registry for a new one');
    }
    if (verdict !== VALID) {
        return refusal(403, 'Forbidden', 'DENIED', 'blob link not valid');
    }
    const algorithm = parts[2] || parts[4];
    const hex = parts[3] || parts[5];
    toS3(request, '/blobs/' + algorithm + '/' + hex, BLOB_HEADERS);
    return request;
}

// The viewer's body length in bytes: 0 without a body, negative when only the end of the stream tells it.
function bodyLength(request) {
    if (request.headers['transfer-encoding']) {
        return -1;
    }
    if (request.headers['content-length']) {
        return Number(request.headers['content-length'].value);
    }
    return request.method === 'PATCH' ? -1 : 0;
}

// The hex of the one sha256 digest in the query, or null. Clients send the colon plain or encoded.
function sha256InQuery(querystring) {
    const field = querystring.digest;
    if (!field || (field.multiValue && field.multiValue.length > 1)) {
        return null;
    }
    const digest = SHA256.exec(field.value.replace(/%3a/i, ':'));
    return digest ? digest[1] : null;
}

// The MAC comes first, so that only the owner of a link learns that it has expired.
async function verify(text, expiry, mac) {
    const current = await setting('mac:current');
    const previous = await setting('mac:previous');
    if (!current && !previous) {
        return NO_KEY;
    }
    if (!(current && isMac(mac, current, text)) && !(previous && isMac(mac, previous, text))) {
        return FORGED;
    }
    return Math.floor(Date.now() / 1000) < Number(expiry) ? VALID : EXPIRED;
}

// The comparison takes the same time wherever the texts differ.
function isMac(mac, key, text) {
    const expected = crypto.createHmac('sha256', key).update(text).digest('base64url');
    let difference = mac.length ^ expected.length;
    for (let i = 0; i < expected.length; i++) {
        difference |= mac.charCodeAt(i) ^ expected.charCodeAt(i);
    }
    return difference === 0;
}

// A value of the key-value store, or null: reading an absent key throws.
async function setting(key) {
    try {
        return await cf.kvs().get(key);
    } catch (absent) {
        return null;
    }
}

function toS3(request, uri, keptHeaders) {
    Object.keys(request.headers).forEach((name) => {
        if (!keptHeaders.includes(name)) {
            delete request.headers[name];
        }
    });
    request.uri = uri;
    request.querystring = {};
    request.cookies = {};
    cf.selectRequestOriginById('s3');
}

// An error in the OCI form.
function refusal(statusCode, statusDescription, code, message) {
    return {
        statusCode: statusCode,
        statusDescription: statusDescription,
        headers: {
            'cache-control': { value: 'no-store' },
            'content-type': { value: 'application/json' },
            'docker-distribution-api-version': { value: 'registry/2.0' },
        },
        body: { encoding: 'text', data: JSON.stringify({ errors: [{ code: code, message: message }] }) },
    };
}
