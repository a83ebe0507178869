/** A file that a person has given and that cannot be read any more; the message is a sentence for that person. */
class UnreadableFile extends Error {
  constructor(name: string) {
    super(`"${name}" can no longer be read: it was changed, moved or deleted after it was opened; open it again.`);
  }
}

/** What went wrong while a file was read: the browser's own exceptions say nothing of which, nor what to do. */
export const readingFault = (name: string, reason: unknown): unknown =>
  reason instanceof DOMException ? new UnreadableFile(name) : reason;
