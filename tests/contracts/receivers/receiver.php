<?php
// Takes webhooks as PHP applications do: the signature is checked over the body's bytes.
function verifyWebhookSignature($payload, $signature, $secret) {
  $expectedSignature = hash_hmac('sha256', $payload, $secret);
    return hash_equals($signature, $expectedSignature);
}

$payload = file_get_contents('php://input');
$signature = $_SERVER['HTTP_X_RIJAN_SIGNATURE'] ?? '';
$accepted = verifyWebhookSignature($payload, $signature, 'your-webhook-secret-key');
http_response_code($accepted ? 200 : 401);
echo json_encode(['received' => $accepted]);
