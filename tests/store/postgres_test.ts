import { noPostgres, openTemporaryPostgres, testWithPostgres } from "../support/postgres.ts";
import { storeContract } from "./contracts/all.ts";

if (noPostgres === undefined) storeContract("postgres", () => openTemporaryPostgres());
else testWithPostgres("postgres store keeps the contract of stores", () => Promise.resolve());
