/** Devices that are down, whosever they are. */
export default `
CREATE INDEX devices_by_status ON devices (status);
`;
