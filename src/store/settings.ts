/** Small facts that the gateway keeps for itself, such as the default key's hash. */
export interface Settings {
  get(name: string): Promise<string | undefined>;
  set(name: string, value: string): Promise<void>;
}
