/** Headers of answers that were no success, as JSON. */
export default `
ALTER TABLE attempts ADD COLUMN headers TEXT;
`;
