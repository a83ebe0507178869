/** What a command has to say: the JSON document, and the same for a person. */
export interface Output {
  readonly json: object;
  readonly text: () => string;
}
