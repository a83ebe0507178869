/** Tests draw from the same generator as the product. */
export { createRandom, fillUniform, type Random, seedFor } from "../random.ts";
