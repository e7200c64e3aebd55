// The request as CloudFront sends it to an origin, and where that origin is on this machine.
import http from 'node:http';
import { HOP_BY_HOP, valueOf } from './headers.mjs';

// CloudFront sends these in any case: it handles ranges and conditions itself, and the body's headers belong to the body.
const ALWAYS = new Set([
    'content-length', 'content-type', 'transfer-encoding', 'range', 'if-range', 'if-match', 'if-none-match',
    'if-modified-since', 'if-unmodified-since',
]);
const FUNCTION_URL = /\.lambda-url\.[a-z0-9-]+\.on\.aws$/;

// Free connections are given up before the origin gives them up: a request must not meet a closing one.
const agent = new http.Agent({ keepAlive: true, timeout: 20_000 });

export class Origins {
    // `ministack` is {hostname, port}, `others` maps domain names of custom origins to such addresses.
    constructor(ministack, others, token) {
        Object.assign(this, { ministack, others, token });
    }

    address(origin) {
        const known = origin.s3_bucket || FUNCTION_URL.test(origin.domain_name) ? this.ministack : this.others[origin.domain_name];
        if (!known) throw new Error(`nothing on this machine stands for the origin ${origin.domain_name}`);
        return known;
    }

    // A node:http request to the origin; the caller sends the body.
    open(origin, request, configuration, behavior, viewer) {
        const { hostname, port } = this.address(origin);
        const headers = forwardedHeaders(request, behavior.forwarded);
        const set = (name, value) => {
            headers.splice(0, headers.length, ...headers.filter((pair) => pair[0] !== name), [name, value]);
        };
        if (!valueOf(headers, 'user-agent')) set('user-agent', 'Amazon CloudFront');
        if (!valueOf(headers, 'content-length') && !valueOf(headers, 'transfer-encoding') && viewer.mayHaveBody) {
            set('content-length', '0');
        }
        set('host', origin.domain_name);
        set('via', `1.1 ${configuration.domain} (CloudFront)`);
        set('x-amz-cf-id', viewer.id);
        set('x-forwarded-for', [valueOf(request.headers, 'x-forwarded-for'), viewer.ip].filter(Boolean).join(', '));
        for (const [name, value] of origin.custom_headers) set(name.toLowerCase(), value);
        if (origin.s3_bucket && origin.oac_id) {
            headers.splice(0, headers.length, ...headers.filter((pair) => pair[0] !== 'authorization'));
            set('x-berth-oac', `${this.token} ${configuration.arn}`);
        }
        const path = origin.origin_path + request.path;
        const query = forwardedQuery(request.query, behavior.forwarded);
        return http.request({
            agent, hostname, port, method: request.method, path: query ? `${path}?${query}` : path, headers: headers.flat(),
        });
    }
}

// The origin that the function chose, or the behaviour's own.
export function chosenOrigin(configuration, behavior, choice) {
    const id = choice?.id ?? behavior.originId;
    const origin = configuration.origins[id];
    if (!origin) throw new Error(`the distribution has no origin '${id}'`);
    if (!choice?.update) return origin;
    const { domainName, originPath, customHeaders, ...others } = choice.update;
    if (Object.keys(others).length) throw new Error(`updateRequestOrigin: ${Object.keys(others)} is not imitated here`);
    return {
        ...origin,
        domain_name: domainName ?? origin.domain_name,
        origin_path: originPath ?? origin.origin_path,
        custom_headers: customHeaders ? Object.entries(customHeaders) : origin.custom_headers,
        s3_bucket: domainName ? null : origin.s3_bucket,
    };
}

function forwardedHeaders(request, forwarded) {
    const chunked = request.headers.some(([name]) => name === 'transfer-encoding');
    return request.headers.filter(([name]) => {
        if (HOP_BY_HOP.has(name) || name.startsWith('x-berth-oac') || (chunked && name === 'content-length')) return false;
        if (ALWAYS.has(name)) return true;
        // Documented: a write carries its Authorization whatever the policies say.
        if (name === 'authorization' && request.method !== 'GET' && request.method !== 'HEAD') return true;
        return name === 'cookie' ? forwarded.cookies(name) : forwarded.headers(name);
    });
}

function forwardedQuery(query, forwarded) {
    return query.split('&').filter((item) => item && forwarded.queries(item.split('=')[0])).join('&');
}
