/** Kabar's version, as it shows itself to people and to receivers. */
export const VERSION = "0.1.0";
