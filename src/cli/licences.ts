import { VERSION } from "../version.ts";
import notices from "./notices.txt" with { type: "text" };

const MEANING = `Kabar ${VERSION}

Kabar's own source is under the MIT licence. The executable and the container image also hold libsignal, which is
under the GNU General Public License, version 3 (GPL-3.0): as a whole they may be passed on only under its terms.
To use them, for yourself or as a service for others, asks nothing of you. To hand them to somebody else, hand over
this text and the source of the very version as well, or say where it can be had. The source alone, without the
packages, stays under MIT.

The executable starts with Deno (MIT, Copyright 2018-2026 the Deno authors), which holds V8 (BSD-3-Clause), SQLite
(public domain) and libraries that its repository lists. After it come these packages:
`;

/**
 * What may be done with the executable, and what is inside it.
 * @param withTexts Whether the texts of all licences follow the list.
 */
export function licences(withTexts: boolean): string {
  const [list] = notices.split("\n\n", 1);
  return withTexts
    ? `${MEANING}\n${notices}`
    : `${MEANING}\n${list}\n\n\`kabar licences --full\` shows the text of each.`;
}
