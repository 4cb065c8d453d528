// Starts the viewer of "Try it". Runs in the browser, with the viewer's own script loaded before.
/* global SwaggerUIBundle */
const METHODS = ["get", "post", "put", "patch", "delete"];

/** As the pages name operations: the links of both are the same. */
const slugOf = (text) => text.toLowerCase().replaceAll(/[^a-z0-9]+/g, "-").replaceAll(/^-|-$/g, "");

const wanted = decodeURIComponent(location.hash.slice(1));
const document_ = await (await fetch("/openapi.json")).json();
document_.servers = [{ url: "/" }]; // this very gateway, whatever address others reach it by
delete document_.webhooks; // the catalogue shows them better
for (const [path, methods] of Object.entries(document_.paths)) {
  for (const method of METHODS) {
    const operation = methods[method];
    if (operation === undefined) continue;
    operation.operationId = slugOf(`${method} ${path}`);
    if (operation.operationId !== wanted) continue;
    const [tag] = operation.tags;
    history.replaceState(null, "", `#/${encodeURIComponent(tag)}/${encodeURIComponent(wanted)}`);
  }
}

const dark = matchMedia("(prefers-color-scheme: dark)");
const follow = () => document.documentElement.classList.toggle("dark-mode", dark.matches);
dark.addEventListener("change", follow);
follow();

SwaggerUIBundle({
  spec: document_,
  dom_id: "#viewer",
  deepLinking: true,
  docExpansion: "none",
  defaultModelsExpandDepth: -1,
  tryItOutEnabled: true,
  validatorUrl: null,
});
