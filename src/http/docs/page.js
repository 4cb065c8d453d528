// Shows /openapi.json: what each route takes and answers, as curl, and to try at once. Runs in the browser.

const METHODS = ["get", "post", "put", "patch", "delete"];
let api;

/** Makes an element. Text is set as text, so nothing in the document can become markup. */
function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value !== undefined) element.setAttribute(name, value);
  }
  element.append(...children.filter((child) => child !== undefined && child !== ""));
  return element;
}

function resolved(schema) {
  if (!schema?.$ref) return schema ?? {};
  return schema.$ref.slice(2).split("/").reduce((value, key) => value?.[key], api) ?? {};
}

function typeOf(schema) {
  const it = resolved(schema);
  if (it.enum) return it.enum.map((value) => JSON.stringify(value)).join(" | ");
  if (it.const !== undefined) return JSON.stringify(it.const);
  const choices = it.anyOf ?? it.oneOf;
  if (choices) return choices.map(typeOf).join(" | ");
  if (it.type === "array") return `list of ${typeOf(it.items)}`;
  return [it.type ?? "anything"].flat().join(" | ");
}

function exampleOf(schema, depth = 0) {
  const it = resolved(schema);
  if (it.example !== undefined) return it.example;
  if (it.examples?.length > 0) return it.examples[0];
  if (it.default !== undefined) return it.default;
  if (it.const !== undefined) return it.const;
  if (it.enum) return it.enum[0];
  const choices = it.anyOf ?? it.oneOf;
  if (choices) return exampleOf(choices[0], depth + 1);
  const type = [it.type].flat()[0];
  if (type === "array") return depth > 6 ? [] : [exampleOf(it.items, depth + 1)];
  if (it.properties && depth <= 6) {
    return Object.fromEntries(
      Object.entries(it.properties).map(([name, field]) => [name, exampleOf(field, depth + 1)]),
    );
  }
  return {
    string: "…",
    integer: it.minimum ?? 0,
    number: it.minimum ?? 0,
    boolean: true,
    null: null,
  }[type] ??
    {};
}

/** A body with only the fields that must be there, or that show by an example what they take. */
function requestExampleOf(schema) {
  const it = resolved(schema);
  if (it.example !== undefined || !it.properties) return exampleOf(it);
  const fields = Object.entries(it.properties).filter(([name, field]) =>
    it.required?.includes(name) || resolved(field).example !== undefined
  );
  return Object.fromEntries(fields.map(([name, field]) => [name, exampleOf(field)]));
}

const pretty = (value) => JSON.stringify(value, null, 2);

function fieldRows(schema) {
  const it = resolved(schema);
  return Object.entries(it.properties ?? {}).map(([name, field]) =>
    make(
      "tr",
      {},
      make("td", {}, make("code", {}, name), it.required?.includes(name) ? " *" : ""),
      make("td", { class: "faint" }, typeOf(field)),
      make("td", {}, field.description ?? resolved(field).description ?? ""),
    )
  );
}

function keyHeaders(operation) {
  const wanted = (operation.security ?? []).flatMap((scheme) => Object.keys(scheme));
  if (wanted.includes("masterKey")) return { "X-Master-Key": document.querySelector("#master-key").value };
  if (wanted.length === 0) return {};
  return { "X-API-Key": document.querySelector("#api-key").value };
}

function curlOf(path, method, operation, body) {
  const lines = [`curl -X ${method.toUpperCase()} ${location.origin}${path}`];
  for (const name of Object.keys(keyHeaders(operation))) lines.push(`-H '${name}: YOUR_KEY'`);
  if (body !== undefined) {
    lines.push(
      "-H 'Content-Type: application/json'",
      `-d '${JSON.stringify(body).replaceAll("'", "'\\''")}'`,
    );
  }
  return lines.join(" \\\n  ");
}

function trial(path, method, operation, body) {
  const inputs = (operation.parameters ?? []).map((parameter) => {
    const input = make("input", { placeholder: parameter.example ?? parameter.schema?.example ?? "" });
    return { parameter, input };
  });
  const text = body === undefined ? undefined : make("textarea", { rows: 8 }, pretty(body));
  const answer = make("pre", { hidden: "" });
  const send = async () => {
    let target = path;
    const search = new URLSearchParams();
    for (const { parameter, input } of inputs) {
      if (parameter.in === "path") {
        target = target.replace(`{${parameter.name}}`, encodeURIComponent(input.value));
      } else if (parameter.in === "query" && input.value !== "") search.set(parameter.name, input.value);
    }
    const headers = keyHeaders(operation);
    if (text !== undefined) headers["Content-Type"] = "application/json";
    const url = search.size > 0 ? `${target}?${search}` : target;
    answer.hidden = false;
    answer.textContent = "…";
    try {
      const response = await fetch(url, { method: method.toUpperCase(), headers, body: text?.value });
      const raw = await response.text();
      const shown = response.headers.get("content-type")?.includes("json") ? pretty(JSON.parse(raw)) : raw;
      answer.textContent = `${response.status} ${response.statusText}\n\n${shown}`;
    } catch (error) {
      answer.textContent = String(error);
    }
  };
  const rows = inputs.map(({ parameter, input }) =>
    make(
      "tr",
      {},
      make("td", {}, make("code", {}, parameter.name), parameter.required ? " *" : ""),
      make("td", { class: "faint" }, `${parameter.in}, ${typeOf(parameter.schema)}`),
      make("td", {}, parameter.description ?? parameter.schema?.description ?? ""),
      make("td", {}, input),
    )
  );
  const streams = Object.values(operation.responses).some((response) =>
    response.content?.["text/event-stream"]
  );
  return [
    rows.length > 0 ? make("table", {}, ...rows) : "",
    text ?? "",
    streams ? "" : make("button", { type: "button", onclick: send }, "Send"),
    answer,
  ];
}

function operationOf(path, method, operation) {
  const content = operation.requestBody?.content?.["application/json"];
  const schema = content?.schema;
  const body = schema === undefined ? undefined : content.example ?? requestExampleOf(schema);
  const answers = Object.entries(operation.responses).map(([status, response]) => {
    const shape = response.content?.["application/json"]?.schema;
    return [
      make("p", {}, make("code", {}, status), " ", response.description ?? ""),
      shape !== undefined && status < 400 ? make("pre", {}, pretty(exampleOf(shape))) : "",
    ];
  });
  const head = make(
    "summary",
    {},
    make("span", { class: `method ${method}` }, method.toUpperCase()),
    make("code", {}, path),
    " ",
    make("span", { class: "faint" }, operation.summary ?? ""),
  );
  const inside = make("div");
  const details = make("details", {}, head, inside);
  details.addEventListener("toggle", () => {
    if (inside.childElementCount > 0) return;
    inside.append(
      ...[
        operation.description ? make("p", {}, operation.description.replaceAll("`", "")) : "",
        make("pre", {}, curlOf(path, method, operation, body)),
        schema === undefined ? "" : make("table", {}, ...fieldRows(schema)),
        ...trial(path, method, operation, body),
        ...answers.flat(),
      ].filter((part) => part !== ""),
    );
  });
  return details;
}

function show() {
  const groups = new Map();
  for (const [path, methods] of Object.entries(api.paths)) {
    for (const method of METHODS) {
      const operation = methods[method];
      if (operation === undefined) continue;
      const tag = operation.tags?.[0] ?? "Other";
      groups.set(tag, [...(groups.get(tag) ?? []), operationOf(path, method, operation)]);
    }
  }
  const place = document.querySelector("#operations");
  const contents = document.querySelector("#contents");
  place.replaceChildren(
    ...api.info.description.split(/\n\n/).map((text) => make("p", {}, text.replaceAll("`", ""))),
  );
  for (const [name, operations] of groups) {
    const tag = name.replaceAll("`", "");
    const id = tag.toLowerCase().replaceAll(/\W+/g, "-");
    contents.append(make("a", { href: `#${id}` }, tag));
    place.append(make("h2", { id }, tag), ...operations);
  }
}

for (const id of ["api-key", "master-key"]) {
  const input = document.querySelector(`#${id}`);
  input.value = sessionStorage.getItem(id) ?? "";
  input.addEventListener("change", () => sessionStorage.setItem(id, input.value));
}

fetch("/openapi.json").then((response) => response.json()).then((loaded) => {
  api = loaded;
  show();
}).catch((error) => {
  document.querySelector("#operations").textContent = `Cannot load /openapi.json: ${error}`;
});
