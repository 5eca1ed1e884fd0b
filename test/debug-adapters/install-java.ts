/** `npx tsx test/debug-adapters/install-java.ts`: what the tests of Java's debug adapter need, into the cache. */
import { installJava } from "./java-tools.ts";

await installJava();
