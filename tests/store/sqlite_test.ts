import { storeContract } from "./contracts/all.ts";
import { openTemporary } from "./temporary.ts";

storeContract("sqlite", () => openTemporary());
