"use strict";

// Everything that comes from elsewhere is put on the page as text, never as markup.

const element = (name, text, ...classes) => {
  const made = document.createElement(name);
  if (text !== undefined) made.textContent = text;
  made.classList.add(...classes);
  return made;
};

const field = (id) => document.getElementById(id);

const authorization = () => {
  const name = field("name").value;
  if (name === "") return {};
  const bytes = new TextEncoder().encode(`${name}:${field("secret").value}`);
  return { Authorization: `Basic ${btoa(String.fromCharCode(...bytes))}` };
};

// What the pages of a session send along with changes. Every answer to the session tells it.
let csrfToken = null;

const learn = (answer) => {
  csrfToken = answer.headers.get("x-harbor-csrf-token") ?? csrfToken;
};

const send = async (method, path, operation, inputs, body, output) => {
  const query = new URLSearchParams();
  const headers = { ...authorization() };
  let url = path;
  for (const [parameter, input] of inputs) {
    const value = input.value;
    if (parameter.in === "path") {
      // A repository has slashes in its name, which are encoded twice.
      const once = encodeURIComponent(value);
      const encoded = parameter.name === "repository_name" ? encodeURIComponent(once) : once;
      url = url.replace(`{${parameter.name}}`, encoded);
    } else if (value !== "" && parameter.in === "query") {
      query.set(parameter.name, value);
    } else if (value !== "") {
      headers[parameter.name] = value;
    }
  }
  // Without a name it is the session of this browser, if there is one.
  const isSession = field("name").value === "";
  if (isSession && csrfToken !== null) headers["X-Harbor-CSRF-Token"] = csrfToken;
  const options = { method, headers, credentials: isSession ? "same-origin" : "omit", cache: "no-store" };
  if (body !== null && body.value.trim() !== "") {
    options.body = body.value;
    headers["Content-Type"] = "application/json";
  }
  const text = query.toString();
  output.textContent = "…";
  try {
    const answer = await fetch(text === "" ? url : `${url}?${text}`, options);
    learn(answer);
    const lines = [`${answer.status} ${answer.statusText}`];
    for (const name of ["location", "link", "x-total-count", "retry-after", "x-request-id"]) {
      if (answer.headers.has(name)) lines.push(`${name}: ${answer.headers.get(name)}`);
    }
    const content = await answer.text();
    let shown = content;
    try {
      shown = JSON.stringify(JSON.parse(content), null, 2);
    } catch {
      // It is no JSON.
    }
    output.textContent = `${lines.join("\n")}\n\n${shown}`;
  } catch (error) {
    output.textContent = String(error);
  }
};

const show = (method, path, operation) => {
  const details = element("details");
  const summary = element("summary");
  summary.append(element("span", method.toUpperCase(), "verb"), element("span", path, "path"));
  summary.append(` ${operation.summary}`);
  details.append(summary);
  details.addEventListener("toggle", () => {
    if (!details.open || details.dataset.filled) return;
    details.dataset.filled = "yes";
    const inside = element("div");
    inside.append(element("p", `${operation.operationId} needs ${operation["x-needs"]}.`));
    const form = element("form");
    const inputs = operation.parameters.map((parameter) => {
      const label = element("label", parameter.name);
      const input = element("input");
      input.title = parameter.description;
      input.required = parameter.required;
      label.append(input);
      form.append(label);
      return [parameter, input];
    });
    const body = operation.requestBody ? element("textarea") : null;
    if (body !== null) {
      body.placeholder = "{}";
      body.setAttribute("aria-label", "body");
      form.append(body);
    }
    const output = element("pre");
    form.append(element("button", "Send"));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      send(method.toUpperCase(), path, operation, inputs, body, output);
    });
    inside.append(form, output);
    details.append(inside);
  });
  return details;
};

const load = async () => {
  const answer = await fetch("/api/v2.0/openapi.json", { credentials: "same-origin" });
  learn(answer);
  const description = await answer.json();
  const tags = new Map();
  for (const [path, methods] of Object.entries(description.paths)) {
    for (const [method, operation] of Object.entries(methods)) {
      const tag = operation.tags[0];
      if (!tags.has(tag)) tags.set(tag, []);
      tags.get(tag).push({ path, method, operation });
    }
  }
  const main = field("operations");
  const draw = () => {
    const wanted = field("filter").value.toLowerCase();
    const onlyAvailable = field("available").checked;
    main.replaceChildren();
    for (const [tag, operations] of [...tags].sort()) {
      const shown = operations.filter(({ path, operation }) => {
        const text = `${path} ${operation.operationId} ${operation.summary}`.toLowerCase();
        return text.includes(wanted) && (operation["x-available"] || !onlyAvailable);
      });
      if (shown.length === 0) continue;
      main.append(element("h2", tag));
      for (const { path, method, operation } of shown) {
        const details = show(method, path, operation);
        if (!operation["x-available"]) details.classList.add("off");
        main.append(details);
      }
    }
  };
  field("filter").addEventListener("input", draw);
  field("available").addEventListener("change", draw);
  field("who").addEventListener("submit", (event) => event.preventDefault());
  draw();
};

load();
