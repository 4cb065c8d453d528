/** Finds messages whose content is still waited for without reading the others. */
export default `
CREATE INDEX inbox_awaited ON inbox (device_id) WHERE published = 2;
`;
