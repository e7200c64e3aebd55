// Requests and responses as events for CloudFront Functions ("CloudFront Functions event structure", version 1.0), and back.
//
// A message here is {headers: [[name, value], …]} with names in lower case, a request also {method, path, query}, a response
// {status, description}. Path and query stand in an event as the viewer encoded them; a body is never part of it. What a function
// leaves alone stays byte for byte.
import { READ_ONLY, isCookie, isHidden } from './headers.mjs';

// The function broke a rule of CloudFront's; the viewer gets 502.
export class InvalidResult extends Error {}

export function requestToEvent(request) {
    return {
        method: request.method,
        uri: request.path,
        querystring: fields(split(request.query, '&')),
        headers: headerFields(request.headers),
        cookies: fields(request.headers.filter(([name]) => name === 'cookie').flatMap(([, value]) => split(value, ';'))),
    };
}

export function responseToEvent(response) {
    return {
        statusCode: response.status,
        statusDescription: response.description,
        headers: headerFields(response.headers),
        cookies: {},
    };
}

// The request that the function made of `request`.
export function changedRequest(request, before, after) {
    if (after.method !== before.method) throw new InvalidResult('the method is read-only');
    if (typeof after.uri !== 'string' || !after.uri.startsWith('/')) throw new InvalidResult(`uri ${after.uri}`);
    const headers = changedHeaders(request.headers, before.headers, after.headers, 'viewer-request');
    const query = same(after.querystring, before.querystring) ? request.query : join(after.querystring, '&');
    if (same(after.cookies, before.cookies)) return { ...request, path: after.uri, query, headers };
    const cookie = join(after.cookies, '; ');
    const others = headers.filter(([name]) => name !== 'cookie');
    return { ...request, path: after.uri, query, headers: cookie ? [...others, ['cookie', cookie]] : others };
}

export function changedResponse(response, before, after) {
    if (after.body !== undefined) throw new InvalidResult('a body from viewer-response is not imitated here');
    return {
        status: statusOf(after),
        description: after.statusDescription,
        headers: changedHeaders(response.headers, before.headers, after.headers, 'viewer-response'),
    };
}

// The response that viewer-request answers by itself.
export function generatedResponse(result) {
    const body = bodyOf(result.body);
    const headers = changedHeaders([], {}, result.headers ?? {}, 'viewer-response');
    return {
        status: statusOf(result),
        description: result.statusDescription,
        headers: [...headers.filter(([name]) => name !== 'content-length'), ['content-length', String(body.length)]],
        body,
    };
}

function statusOf(result) {
    if (!Number.isInteger(result.statusCode) || result.statusCode < 200 || result.statusCode > 599) {
        throw new InvalidResult(`statusCode ${result.statusCode}`);
    }
    return result.statusCode;
}

function bodyOf(body) {
    if (body === undefined) return Buffer.alloc(0);
    if (typeof body === 'string') return Buffer.from(body);
    if (body.encoding === 'text') return Buffer.from(body.data);
    if (body.encoding === 'base64') return Buffer.from(body.data, 'base64');
    throw new InvalidResult(`body encoding ${body.encoding}`);
}

function changedHeaders(headers, before, after, eventType) {
    let changed = headers;
    for (const name of new Set([...Object.keys(before), ...Object.keys(after ?? {})])) {
        if (same(before[name], after[name])) continue;
        if (name !== name.toLowerCase()) throw new InvalidResult(`header name ${name} is not in lower case`);
        if (READ_ONLY[eventType].has(name)) throw new InvalidResult(`header ${name} is read-only in ${eventType}`);
        if (isHidden(name) || isCookie(name)) throw new InvalidResult(`header ${name} is not for functions to set`);
        const values = after[name] ? valuesOf(after[name]) : [];
        changed = [...changed.filter((pair) => pair[0] !== name), ...values.map((value) => [name, value])];
    }
    return changed;
}

const same = (one, other) => JSON.stringify(one) === JSON.stringify(other);

const headerFields = (headers) => fields(headers.filter(([name]) => !isHidden(name) && !isCookie(name)));

// [[name, value], …] as {name: {value, multiValue?}}.
function fields(pairs) {
    const byName = new Map();
    for (const [name, value] of pairs) {
        byName.set(name, [...(byName.get(name) ?? []), { value }]);
    }
    const field = (values) => (values.length === 1 ? values[0] : { value: values[0].value, multiValue: values });
    return Object.fromEntries([...byName].map(([name, values]) => [name, field(values)]));
}

function valuesOf(field) {
    const values = (field.multiValue ?? [field]).map((item) => item.value);
    if (values.some((value) => typeof value !== 'string')) throw new InvalidResult('a value that is not a string');
    return values;
}

function split(text, separator) {
    const items = text.split(separator).map((item) => item.trim()).filter(Boolean);
    return items.map((item) => {
        const at = item.indexOf('=');
        return at < 0 ? [item, ''] : [item.slice(0, at), item.slice(at + 1)];
    });
}

const join = (object, separator) =>
    Object.entries(object ?? {}).flatMap(([name, field]) => valuesOf(field).map((value) => `${name}=${value}`)).join(separator);
