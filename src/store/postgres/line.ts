import { Connection, type ConnectionSettings, type Limits } from "./connection.ts";

/** A connection that is made anew when it was lost. */
export class Line {
  readonly #settings: ConnectionSettings;
  readonly #limits: Limits;
  #connection: Promise<Connection> | undefined;
  #current: Connection | undefined;

  constructor(settings: ConnectionSettings, limits: Limits) {
    this.#settings = settings;
    this.#limits = limits;
  }

  /** @throws {StoreUnavailableError} If the server cannot be reached now. */
  async get(): Promise<Connection> {
    if (this.#current?.isLost) this.drop();
    return await (this.#connection ??= this.#open());
  }

  #open(): Promise<Connection> {
    const opening: Promise<Connection> = Connection.open(this.#settings, this.#limits).then(
      (connection) => {
        if (this.#connection === opening) this.#current = connection;
        else void connection.close(); // given up meanwhile
        return connection;
      },
      (error) => {
        if (this.#connection === opening) this.#connection = undefined;
        throw error;
      },
    );
    return opening;
  }

  /** Statements that are not answered yet. */
  get inFlight(): number {
    return this.#current?.inFlight ?? 0;
  }

  /** Gives the connection up: nobody knows what it is in the middle of. */
  drop(): void {
    const lost = this.#current;
    this.#current = undefined;
    this.#connection = undefined;
    lost?.close();
  }

  async close(): Promise<void> {
    const connection = await this.#connection?.catch(() => undefined);
    await connection?.close();
  }
}
