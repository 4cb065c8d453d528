/** Whether messages in hand for another system have left. */
export default `
CREATE TABLE departures (
  message_id TEXT COLLATE "C" PRIMARY KEY REFERENCES message_logs (job_id) ON DELETE CASCADE,
  has_left BIGINT NOT NULL
);
`;
