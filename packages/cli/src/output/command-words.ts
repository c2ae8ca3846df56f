import { messageOf, SwarmError } from '@tradeswarm/core'

/** What is said of a run that nobody else may write to. */
export const atWork = 'a run is at work on it, here or in another process; stop that first'

/** What libraries tell a program to do, and what does the same at a shell. */
const remedies: readonly (readonly [codes: RegExp, theirs: string, ours: string])[] = [
  [
    /^STORAGE_LOCKED$/,
    ' is open for writing already, here or in another process; close it there, or open it with readOnly',
    `: ${atWork}, or name another --out`,
  ],
  [/^STORAGE_DENIED$/, 'or open it with readOnly', 'or name another --out'],
  [/^TAPE_/, 'load the tape with lenient', 'give --lenient'],
]

/** What an error says, with the flags of the command line in place of options that nobody can give at a shell. */
export function inCommandWords(error: unknown): string {
  const message = messageOf(error)
  if (!SwarmError.isInstance(error)) return message
  const { code } = error
  return remedies
    .filter(([codes]) => codes.test(code))
    .reduce((text, [, theirs, ours]) => text.replace(theirs, ours), message)
}
