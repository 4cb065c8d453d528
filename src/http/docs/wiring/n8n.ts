/** From one step to the next, in n8n's pixels. */
const COLUMN = 220;

/** A step of a workflow, as n8n keeps it. */
interface Node {
  readonly name: string;
  readonly type: string;
  readonly typeVersion: number;
  readonly parameters: Readonly<Record<string, unknown>>;
  /** What should be known of it, shown beside it. */
  readonly notes?: string;
  readonly webhookId?: string;
}

/** A workflow that people import. */
export interface Workflow {
  /** The end of its address: `/docs/n8n/<slug>.json`. */
  readonly slug: string;
  readonly title: { readonly en: string; readonly id: string };
  readonly json: unknown;
}

/** Where n8n finds the gateway when both run by the compose file of the README. */
const GATEWAY = "http://kabar:3000";

/** The webhook that events come to: its address in n8n is `…/webhook/whatsapp`. */
const INCOMING: Node = {
  name: "WhatsApp event",
  type: "n8n-nodes-base.webhook",
  typeVersion: 2,
  webhookId: "kabar-whatsapp",
  parameters: {
    httpMethod: "POST",
    path: "whatsapp",
    responseMode: "onReceived",
    options: { rawBody: true },
  },
  notes: "Subscribe its production URL in Kabar, in the format device",
};

/** Lets only genuine events pass; Kabar signs the body as it was sent. */
const GENUINE: Node = {
  name: "Check signature",
  type: "n8n-nodes-base.crypto",
  typeVersion: 1,
  parameters: {
    action: "hmac",
    type: "SHA256",
    value: "={{ JSON.stringify($json.body) }}",
    secret: "PASTE THE SECRET OF THE WEBHOOK HERE",
    encoding: "hex",
    dataPropertyName: "expected",
  },
  notes: "Paste the secret that Kabar showed when the webhook was created",
};

const IS_GENUINE = condition("Is it genuine?", [
  equals("={{ $json.expected }}", `={{ $json.headers["x-rijan-signature"] }}`),
]);
const IS_TEXT = condition("Is it a text to us?", [
  equals("={{ $json.body.data.type }}", "text"),
  equals("={{ String($json.body.data.from_me) }}", "false"),
]);

function equals(leftValue: string, rightValue: string) {
  return { leftValue, rightValue, operator: { type: "string", operation: "equals" } };
}

function condition(name: string, conditions: readonly ReturnType<typeof equals>[]): Node {
  return {
    name,
    type: "n8n-nodes-base.if",
    typeVersion: 2,
    parameters: {
      conditions: {
        options: { caseSensitive: true, leftValue: "", typeValidation: "loose" },
        combinator: "and",
        conditions: conditions.map((one, index) => ({ id: `${index}`, ...one })),
      },
      options: {},
    },
  };
}

/** A request to the gateway. Its key is a credential in n8n, which no exported workflow holds. */
function request(
  name: string,
  path: string,
  body: string,
  headers: Readonly<Record<string, string>> = {},
): Node {
  const parameters = Object.entries(headers).map(([name, value]) => ({ name, value }));
  return {
    name,
    type: "n8n-nodes-base.httpRequest",
    typeVersion: 4.2,
    parameters: {
      method: "POST",
      url: `=${GATEWAY}${path}`,
      authentication: "genericCredentialType",
      genericAuthType: "httpHeaderAuth",
      ...(parameters.length === 0 ? {} : { sendHeaders: true, headerParameters: { parameters } }),
      sendBody: true,
      specifyBody: "json",
      jsonBody: body,
      options: {},
    },
    notes: "Choose a credential of the kind Header Auth: name X-API-Key, value the gateway's API key",
  };
}

const ANSWER = request(
  "Answer",
  "/v1/devices/{{ $json.body.device_id }}/messages/text",
  "={{ JSON.stringify({ to: $json.body.data.chat_id, text: 'Halo! We got: ' + $json.body.data.text }) }}",
);

const SHEET: Node = {
  name: "Rows of the sheet",
  type: "n8n-nodes-base.httpRequest",
  typeVersion: 4.2,
  parameters: {
    url: "https://shop.example/customers.csv",
    options: { response: { response: { responseFormat: "file" } } },
  },
  notes: "A sheet published as CSV with the columns phone, name, order; or put a Google Sheets node here",
};

const PARSED: Node = {
  name: "Read the CSV",
  type: "n8n-nodes-base.extractFromFile",
  typeVersion: 1,
  parameters: { operation: "csv", options: {} },
};

const ONE_LIST: Node = {
  name: "One list",
  type: "n8n-nodes-base.aggregate",
  typeVersion: 1,
  parameters: { aggregate: "aggregateAllItemData", destinationFieldName: "rows", options: {} },
};

/** A fixed text: within an expression of n8n, the braces of Kabar's variables would end it. */
const MESSAGE: Node = {
  name: "Message",
  type: "n8n-nodes-base.set",
  typeVersion: 3.4,
  parameters: {
    assignments: {
      assignments: [
        { id: "0", name: "message", value: "Halo {{name}}, your order {{order}} is ready.", type: "string" },
        { id: "1", name: "device", value: "default", type: "string" },
      ],
    },
    includeOtherFields: true,
    options: {},
  },
  notes: "The text, with the names of columns in braces, and the device's id or alias",
};

const BLAST = request(
  "Blast",
  "/api/messages/blast",
  "={{ JSON.stringify({ channels: ['whatsapp'], device: $json.device, message: $json.message, recipients: " +
    "$json.rows.map(row => ({ phone: String(row.phone), name: row.name, variables: { order: row.order } })) }) }}",
  { "Idempotency-Key": "=n8n-{{ $execution.id }}" },
);

const BY_HAND: Node = {
  name: "Start",
  type: "n8n-nodes-base.manualTrigger",
  typeVersion: 1,
  parameters: {},
};

/** Workflows for n8n: take events in, answer them, and write to the people of a sheet. */
export const WORKFLOWS: readonly Workflow[] = [
  {
    slug: "receive",
    title: { en: "Take WhatsApp events in", id: "Terima peristiwa WhatsApp" },
    json: workflow("Kabar: take WhatsApp events in", [[INCOMING, GENUINE, IS_GENUINE]]),
  },
  {
    slug: "answer",
    title: { en: "Answer texts", id: "Balas pesan teks" },
    json: workflow("Kabar: answer texts", [[INCOMING, GENUINE, IS_GENUINE, IS_TEXT, ANSWER]]),
  },
  {
    slug: "blast",
    title: { en: "Write to everybody in a sheet", id: "Kirim ke semua orang di sebuah lembar" },
    json: workflow("Kabar: write to everybody in a sheet", [[
      BY_HAND,
      SHEET,
      PARSED,
      ONE_LIST,
      MESSAGE,
      BLAST,
    ]]),
  },
];

/** Lines of steps, each step after the one before it; of a condition, the way of "true". */
function workflow(name: string, lines: readonly (readonly Node[])[]) {
  const connections: Record<string, unknown> = {};
  const nodes = lines.flatMap((line, row) =>
    line.map((node, column) => {
      const next = line[column + 1];
      if (next !== undefined) {
        connections[node.name] = { main: [[{ node: next.name, type: "main", index: 0 }]] };
      }
      const { notes, ...rest } = node;
      return {
        id: `kabar-${row}-${column}`,
        ...rest,
        position: [column * COLUMN, row * COLUMN],
        ...(notes === undefined ? {} : { notes, notesInFlow: true }),
      };
    })
  );
  return { name, nodes, connections, settings: { executionOrder: "v1" }, active: false };
}
