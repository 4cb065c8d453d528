/** Fails a statement when a lease is not held: what was sent behind it is refused, too, without a round trip. */
export default `
CREATE FUNCTION lease_lost(name text) RETURNS BOOLEAN LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '%', name USING ERRCODE = 'KB001';
END
$$;
`;
