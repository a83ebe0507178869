/** A shallow copy of a message with other values of some fields; which of the others are set stays as it is. */
export function changed<T extends object>(message: T, changes: { readonly [K in keyof T]?: T[K] | undefined }): T {
  return Object.assign(Object.create(Object.getPrototypeOf(message)), message, changes);
}
