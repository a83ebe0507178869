/** What a command has to say: the JSON document, and the same for a person. */
export interface Output {
  readonly json: object;
  readonly text: () => string;
  /** Where it is not 0: the input was good, but what it was to show is not so. */
  readonly exitCode?: number;
}
