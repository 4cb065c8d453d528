/** How far a row of the inbox has come, in its column `published`. */
export const UNPUBLISHED = 0;
export const PUBLISHED = 1;
/** A placeholder: its content is waited for, and nobody was told. */
export const AWAITED = 2;
/** A placeholder that was told as such. */
export const TOLD = 3;
/** A message of the past that is still to be told. */
export const UNTOLD = 4;
