/** Characters of a text message, at most; of a template, too. */
export const MOST_TEXT = 65_536;
