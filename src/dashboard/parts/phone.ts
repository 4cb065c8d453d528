/** A number as people read it: `+62 812 3456 789`. @param number With the country code, with or without a plus. */
export function phoneShown(number: string): string {
  const digits = number.replace(/^\+/, "");
  const country = /^(?:1|7|2[07]|3[0-469]|4[013-9]|5[1-8]|6[0-6]|8[1246]|9[0-58])/.exec(digits)?.[0] ??
    digits.slice(0, 3);
  const rest = digits.slice(country.length);
  const groups = [rest.slice(0, 3), ...(rest.slice(3).match(/.{1,4}/g) ?? [])];
  return `+${country} ${groups.join(" ")}`.trim();
}

/** The number in a jid, as people read it; the jid itself when it holds none. */
export function jidShown(jid: string): string {
  const phone = /^(\d{5,20})(?::\d+)?@(?:s\.whatsapp\.net|c\.us)$/.exec(jid)?.[1];
  return phone === undefined ? jid : phoneShown(phone);
}
