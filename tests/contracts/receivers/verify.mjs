// How Node applications check webhooks: over the JSON that they make again of what they have read.
import crypto from "node:crypto";

// deno-fmt-ignore
export function verifyWebhookSignature(payload, signature, secret) {
  const expectedSignature = crypto
    .createHmac('sha256', secret)
    .update(JSON.stringify(payload))
    .digest('hex');
    
  return signature === expectedSignature;
}
