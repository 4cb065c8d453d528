// Runs in Node: n8n's WhatsApp trigger, unmodified, over requests from stdin; what it makes of each goes to stdout.
// N8N_NODES is the folder of the package n8n-nodes-base, in which its dependencies can be found.
import { createRequire } from "node:module";
import { text } from "node:stream/consumers";

const require = createRequire(`${process.env.N8N_NODES}/package.json`);
const { WhatsAppTrigger } = require("./dist/nodes/WhatsApp/WhatsAppTrigger.node.js");
const { requests, secret, nodeId, options } = JSON.parse(await text(process.stdin));
const { webhook } = new WhatsAppTrigger();

const answers = [];
for (const { method, query, headers, body } of requests) {
  const answer = { status: 200, type: null, text: null };
  const response = {
    status: (status) => Object.assign(answer, { status }) && response,
    type: (type) => Object.assign(answer, { type }) && response,
    send: (sent) => Object.assign(answer, { text: sent }) && response,
    end: () => response,
  };
  const context = {
    getBodyData: () => JSON.parse(body === "" ? "{}" : body),
    getQueryData: () => query,
    getResponseObject: () => response,
    getRequestObject: () => ({ rawBody: Buffer.from(body) }),
    getHeaderData: () => headers,
    getCredentials: () => Promise.resolve({ clientId: "1", clientSecret: secret }),
    getWebhookName: () => method === "GET" ? "setup" : "default",
    getNode: () => ({ id: nodeId }),
    getNodeParameter: (name, fallback) => name === "options" ? options : fallback,
    helpers: { returnJsonArray: (items) => items.map((json) => ({ json })) },
  };
  const { workflowData } = await webhook.call(context);
  answers.push({ answer, items: workflowData?.flat().map(({ json }) => json) ?? [] });
}
process.stdout.write(JSON.stringify(answers));
