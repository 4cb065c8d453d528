/** Programs that check a request's signature (Standard Webhooks), each ready to be copied. */
export const SNIPPETS: readonly { readonly language: string; readonly text: string }[] = [
  {
    language: "Node.js",
    text: `import { createHmac, timingSafeEqual } from "node:crypto";

// body: the bytes or text exactly as they came, not parsed JSON
export function isFromKabar(headers, body, secret) {
  const key = secret.startsWith("whsec_") ? Buffer.from(secret.slice(6), "base64") : Buffer.from(secret);
  const time = headers["webhook-timestamp"];
  if (!(Math.abs(new Date() / 1000 - Number(time)) < 300)) return false; // too old: perhaps sent again by somebody
  const expected = createHmac("sha256", key).update(\`\${headers["webhook-id"]}.\${time}.\`).update(body).digest();
  return String(headers["webhook-signature"]).split(" ").some((signature) => {
    const given = Buffer.from(signature.replace(/^v1,/, ""), "base64");
    return given.length === expected.length && timingSafeEqual(given, expected);
  });
}`,
  },
  {
    language: "Python",
    text: `import base64, hashlib, hmac, time

# body: the bytes exactly as they came, not parsed JSON
def is_from_kabar(headers, body, secret):
    key = base64.b64decode(secret[6:]) if secret.startswith("whsec_") else secret.encode()
    at = headers["webhook-timestamp"]
    if abs(time.time() - int(at)) > 300:
        return False  # too old: perhaps sent again by somebody
    signed = f"{headers['webhook-id']}.{at}.".encode() + body
    expected = "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    return any(hmac.compare_digest(expected, given) for given in headers["webhook-signature"].split(" "))`,
  },
  {
    language: "PHP",
    text: `<?php
// $body: file_get_contents('php://input'); $headers: names in lower case
function is_from_kabar(array $headers, string $body, string $secret): bool {
    $key = str_starts_with($secret, 'whsec_') ? base64_decode(substr($secret, 6)) : $secret;
    $time = $headers['webhook-timestamp'];
    if (abs(time() - (int) $time) > 300) return false; // too old: perhaps sent again by somebody
    $signed = $headers['webhook-id'] . '.' . $time . '.' . $body;
    $expected = 'v1,' . base64_encode(hash_hmac('sha256', $signed, $key, true));
    foreach (explode(' ', $headers['webhook-signature']) as $given) {
        if (hash_equals($expected, $given)) return true;
    }
    return false;
}`,
  },
  {
    language: "Go",
    text: `// body: the bytes exactly as they came, not parsed JSON
func isFromKabar(h http.Header, body []byte, secret string) bool {
	key := []byte(secret)
	if rest, ok := strings.CutPrefix(secret, "whsec_"); ok {
		key, _ = base64.StdEncoding.DecodeString(rest)
	}
	at, err := strconv.ParseInt(h.Get("webhook-timestamp"), 10, 64)
	if err != nil || time.Since(time.Unix(at, 0)).Abs() > 5*time.Minute {
		return false // too old: perhaps sent again by somebody
	}
	mac := hmac.New(sha256.New, key)
	fmt.Fprintf(mac, "%s.%d.", h.Get("webhook-id"), at)
	mac.Write(body)
	expected := "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil))
	for _, given := range strings.Fields(h.Get("webhook-signature")) {
		if hmac.Equal([]byte(given), []byte(expected)) {
			return true
		}
	}
	return false
}`,
  },
];
