/** Devices that send as people do. */
export default `
ALTER TABLE devices ADD COLUMN pacing TEXT COLLATE "C";
`;
