// CloudFront on loopback, in front of MiniStack: the behaviours, origins, policies, functions and key-value stores of a deployed
// distribution, applied as AWS documents them. Bodies stream in both directions; nothing is cached.
//
//   BERTH_FRONT_TOKEN=… node main.mjs --ministack http://127.0.0.1:4700 --distribution ID [--port 0] [--origin domain=host:port]…
//
// Prints {"port": …} once it listens, logs to standard error, ends on SIGTERM.
import crypto from 'node:crypto';
import http from 'node:http';
import { pipeline } from 'node:stream';
import { parseArgs } from 'node:util';
import { Distribution } from './distribution.mjs';
import { ExecutionError } from './edge-function.mjs';
import { InvalidResult, changedRequest, changedResponse, generatedResponse, requestToEvent, responseToEvent } from './event.mjs';
import { HOP_BY_HOP, pairsOf, valueOf } from './headers.mjs';
import { Origins, chosenOrigin } from './origin.mjs';

// CloudFront's limits of a request.
const MAX_URL_BYTES = 8192;
const MAX_HEADER_BYTES = 32768;
// Far above CloudFront's 30 s: MiniStack hashes and copies large objects slower than S3 does.
const ORIGIN_TIMEOUT_MS = 600_000;

const { values: options } = parseArgs({
    options: {
        ministack: { type: 'string' },
        distribution: { type: 'string' },
        port: { type: 'string', default: '0' },
        origin: { type: 'string', multiple: true, default: [] },
    },
});
const address = (url) => ({ hostname: new URL(url).hostname, port: new URL(url).port });
const distribution = new Distribution(options.ministack, options.distribution);
const others = options.origin.map((item) => item.split('=')).map(([domain, at]) => [domain, address(`http://${at}`)]);
const origins = new Origins(address(options.ministack), Object.fromEntries(others), process.env.BERTH_FRONT_TOKEN);

async function serve(incoming, outgoing) {
    const viewer = {
        id: crypto.randomBytes(24).toString('base64url'),
        ip: incoming.socket.remoteAddress,
        mayHaveBody: incoming.method !== 'GET' && incoming.method !== 'HEAD',
    };
    const request = viewerRequest(incoming);
    const configuration = await distribution.current();
    const behavior = configuration.behaviorFor(request.path);
    const refusal = refusalOf(request, behavior, viewer);
    if (refusal) return answer(outgoing, refusal, 'Error from cloudfront');

    const call = async (eventType, event) => {
        const { compiled, keyValues } = behavior.functions[eventType];
        const context = { distributionDomainName: configuration.domain, distributionId: configuration.id, eventType, requestId: viewer.id };
        return compiled.call({ version: '1.0', context, viewer: { ip: viewer.ip }, ...event }, keyValues);
    };

    let [sent, choice] = [request, null];
    if (behavior.functions['viewer-request']) {
        const before = requestToEvent(request);
        const { result, origin } = await call('viewer-request', { request: before });
        if (result?.statusCode !== undefined) {
            return answer(outgoing, generatedResponse(result), 'FunctionGeneratedResponse from cloudfront');
        }
        [sent, choice] = [changedRequest(request, before, result ?? {}), origin];
    }
    const origin = chosenOrigin(configuration, behavior, choice);
    // S3 takes no body of unknown length.
    if (origin.s3_bucket && valueOf(sent.headers, 'transfer-encoding')) {
        const text = '<Error><Code>MissingContentLength</Code><Message>You must provide the Content-Length HTTP header.</Message></Error>';
        return answer(outgoing, plain(411, text, 'application/xml'), 'Error from cloudfront');
    }

    const fromOrigin = await exchange(origins.open(origin, sent, configuration, behavior, viewer), incoming, outgoing);
    let response = {
        status: fromOrigin.statusCode,
        description: fromOrigin.statusMessage,
        headers: pairsOf(fromOrigin.rawHeaders).filter(([name]) => !HOP_BY_HOP.has(name) && name !== 'transfer-encoding'),
    };
    // CloudFront does not call viewer-response for an error of the origin.
    if (response.status < 400 && behavior.functions['viewer-response']) {
        const before = responseToEvent(response);
        const event = { request: requestToEvent(sent), response: before };
        try {
            response = changedResponse(response, before, (await call('viewer-response', event)).result);
        } catch (error) {
            fromOrigin.destroy();
            throw error;
        }
    }
    answer(outgoing, response, response.status < 400 ? 'Miss from cloudfront' : 'Error from cloudfront', fromOrigin);
}

function viewerRequest(incoming) {
    const target = incoming.url.replace(/^https?:\/\/[^/]*/, '') || '/';
    const at = target.indexOf('?');
    const [path, query] = at < 0 ? [target, ''] : [target.slice(0, at), target.slice(at + 1)];
    return { method: incoming.method, path, query, headers: pairsOf(incoming.rawHeaders) };
}

function refusalOf(request, behavior, viewer) {
    const hasBody = valueOf(request.headers, 'transfer-encoding') || Number(valueOf(request.headers, 'content-length')) > 0;
    if (Buffer.byteLength(request.path) + Buffer.byteLength(request.query) > MAX_URL_BYTES) return plain(414, 'The URL is too long.');
    if (!behavior.methods.includes(request.method)) {
        return plain(403, `This distribution is not configured to allow the HTTP request method ${request.method}.`);
    }
    return !viewer.mayHaveBody && hasBody ? plain(403, 'A GET with a body is not allowed.') : null;
}

// Sends the body and waits for the head of the answer, which may come before the body has ended.
function exchange(toOrigin, incoming, outgoing) {
    return new Promise((resolve, reject) => {
        toOrigin.setTimeout(ORIGIN_TIMEOUT_MS, () => toOrigin.destroy(new Error('the origin did not answer')));
        toOrigin.on('response', resolve);
        toOrigin.on('error', (error) => {
            // The viewer still gets an answer, so the rest of its body is read and thrown away.
            incoming.unpipe(toOrigin).resume();
            reject(error);
        });
        outgoing.on('close', () => outgoing.writableFinished || toOrigin.destroy());
        incoming.pipe(toOrigin);
    });
}

function answer(outgoing, response, xCache, body = null) {
    const own = [['x-cache', xCache], ['via', '1.1 berth.cloudfront.net (CloudFront)'], ['x-amz-cf-pop', 'LOCAL-P1']];
    const theirs = response.headers.filter(([name]) => name !== 'x-cache' && name !== 'via')
        .map(([name, value]) => [name, name === 'www-authenticate' ? withoutTls(value, outgoing.req.headers.host) : value]);
    outgoing.writeHead(response.status, response.description || undefined, [...theirs, ...own].flat());
    if (body) pipeline(body, outgoing, () => {});
    else outgoing.end(response.body);
}

// CloudFront speaks HTTPS where this front speaks HTTP, so an address of its own in a challenge must say so.
const withoutTls = (challenge, host) => challenge.replaceAll(`"https://${host}/`, `"http://${host}/`);

function plain(status, text, type = 'text/plain') {
    const body = Buffer.from(`${text}\n`);
    return { status, headers: [['content-type', type], ['content-length', String(body.length)]], body };
}

function failure(error) {
    if (error instanceof InvalidResult) {
        return [plain(502, `The function is not valid: ${error.message}`), 'FunctionValidationError from cloudfront'];
    }
    if (error instanceof ExecutionError) {
        return [plain(503, `The function could not run: ${error.message}`), 'FunctionExecutionError from cloudfront'];
    }
    return [plain(502, `CloudFront could not reach the origin: ${error.message}`), 'Error from cloudfront'];
}

const server = http.createServer({ maxHeaderSize: MAX_HEADER_BYTES, requestTimeout: 0, keepAliveTimeout: 60_000 }, (incoming, outgoing) => {
    serve(incoming, outgoing).catch((error) => {
        console.error(`front: ${incoming.method} ${incoming.url}: ${error.message}`);
        if (outgoing.headersSent) outgoing.destroy();
        else answer(outgoing, ...failure(error));
    });
});

await distribution.current();
server.listen(Number(options.port), '127.0.0.1', () => console.log(JSON.stringify({ port: server.address().port })));
process.on('SIGTERM', () => process.exit(0));
