/** An engine keeps the whole text of which it was given a part of 13 characters or more; what is shorter it copies. */
const copiedLength = 12

/** The same text, which keeps nothing else in memory with it: for a part of a message that is kept when the message is done with. */
export function ownText(part: string): string {
  // To cut from a text that was put together, an engine has to write that out first: so it is a part of its own copy.
  return part.length <= copiedLength ? part : ` ${part}`.slice(1)
}
