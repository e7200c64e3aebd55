// CloudFront Function, runtime 2.0, event viewer-response: turns S3's answers into the registry's. CloudFront does not
// call it when the origin answers 400 or more.
//
//   PUT of a blob, 200 from S3     201 with Location and Docker-Content-Digest
//   GET or HEAD of a blob link     the digest, a type and caching headers; S3's own headers are removed
//   any answer with x-berth-status the status and headers that the function's front would have lost (see `restore`)
//
// AWS does not document whether `event.request` shows what the viewer sent or what viewer-request made of it. Both are
// understood: /v2/<name>/blobs/uploads/<session>?digest=<digest> and /uploads/<name>/sha256/<hex>,
// /blobs/<digest>/<expiry>.<mac> and /blobs/<algorithm>/<hex>.
const UPLOAD_SENT = /^\/v2\/(.+)\/blobs\/uploads\/[^/]+$/;
const UPLOAD_REWRITTEN = /^\/uploads\/(.+)\/sha256\/([0-9a-f]{64})$/;
const BLOB = /^\/blobs\/(sha256[:/][0-9a-f]{64}|sha512[:/][0-9a-f]{128})(?:\/[^/]+)?$/;
const SHA256 = /^sha256:[0-9a-f]{64}$/;

function handler(event) {
    const request = event.request;
    const response = event.response;
    if (response.headers['x-berth-status']) {
        return restore(response);
    }
    const upload = request.method === 'PUT' && response.statusCode === 200 ? uploadOf(request) : null;
    if (upload) {
        return created(response, upload);
    }
    const blob = BLOB.exec(request.uri.replace(/%3a/i, ':'));
    if (blob) {
        return delivered(response, blob[1].replace('/', ':'));
    }
    return response;
}

// A Function URL renames WWW-Authenticate and loses the length of a HEAD. The functions therefore send such
// answers as a success with x-berth-status, x-berth-www-authenticate and x-berth-content-length; no viewer sees those.
function restore(response) {
    const headers = response.headers;
    response.statusCode = Number(headers['x-berth-status'].value);
    delete response.statusDescription;
    delete headers['x-berth-status'];
    ['www-authenticate', 'content-length'].forEach((name) => {
        const hidden = headers['x-berth-' + name];
        if (hidden) {
            headers[name] = { value: hidden.value };
            delete headers['x-berth-' + name];
        }
    });
    return response;
}

// The repository and digest of a PUT that S3 answered, or null for any other request.
function uploadOf(request) {
    const rewritten = UPLOAD_REWRITTEN.exec(request.uri);
    if (rewritten) {
        return { name: rewritten[1], digest: 'sha256:' + rewritten[2] };
    }
    const sent = UPLOAD_SENT.exec(request.uri);
    const digest = request.querystring.digest ? request.querystring.digest.value.replace(/%3a/i, ':') : '';
    return sent && SHA256.test(digest) ? { name: sent[1], digest: digest } : null;
}

function created(response, upload) {
    removeS3Headers(response.headers);
    delete response.headers.etag;
    response.statusCode = 201;
    response.statusDescription = 'Created';
    response.headers.location = { value: '/v2/' + upload.name + '/blobs/' + upload.digest };
    response.headers['docker-content-digest'] = { value: upload.digest };
    response.headers['docker-distribution-api-version'] = { value: 'registry/2.0' };
    return response;
}

// The entity tag stays: a client resumes with it. An answer with several ranges keeps its type: it names the boundary.
function delivered(response, digest) {
    const headers = response.headers;
    removeS3Headers(headers);
    if (response.statusCode !== 200 && response.statusCode !== 206) {
        return response;
    }
    headers['docker-content-digest'] = { value: digest };
    headers['cache-control'] = { value: 'private, max-age=31536000, immutable' };
    if (!headers['content-type'] || !headers['content-type'].value.startsWith('multipart/byteranges')) {
        headers['content-type'] = { value: 'application/octet-stream' };
    }
    return response;
}

function removeS3Headers(headers) {
    Object.keys(headers).forEach((name) => {
        if (name.startsWith('x-amz-') || name === 'server') {
            delete headers[name];
        }
    });
}
