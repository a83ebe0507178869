/** Name of the tensor of a probe model that holds the shape of `tensor`. */
export function shapeProbeName(tensor: string): string {
  return `${tensor}:shape-probe`;
}
