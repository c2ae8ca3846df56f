/** What was read of a message; undefined for what it has not. */
export type MessageTexts = readonly (string | undefined)[]

/** A text of a message, with the way to it and where it stands. */
type Leaf = { readonly path: string; readonly at: number; readonly value: string }

/** To look at so many letters one by one is faster than to cut them out and compare. */
const shortLength = 24

/** The form of a message as the venue writes it: what stands in it to the letter, and the texts that may be others since they were seen to differ. */
export class MessageForm {
  readonly #text: string
  readonly #reads: readonly string[]
  readonly #leaves: readonly Leaf[]
  readonly #varying: ReadonlySet<string>
  /** What stands before each varying text, and which of `reads` that is; -1 for none. */
  readonly #before: readonly string[]
  readonly #wanted: readonly number[]
  readonly #last: string
  /** Those of the texts that are the same in all messages of this form, and room for the others. */
  readonly #texts: (string | undefined)[]

  private constructor(text: string, leaves: readonly Leaf[], reads: readonly string[], varying: ReadonlySet<string>) {
    this.#text = text
    this.#reads = reads
    this.#leaves = leaves
    this.#varying = varying
    this.#texts = reads.map((path) => leaves.find((leaf) => leaf.path === path)?.value)
    const before: string[] = []
    const wanted: number[] = []
    let from = 0
    for (const { path, at, value } of leaves) {
      if (!varying.has(path)) continue
      before.push(compactText(text.slice(from, at)))
      wanted.push(reads.indexOf(path))
      from = at + value.length
    }
    this.#before = before
    this.#wanted = wanted
    this.#last = compactText(text.slice(from))
  }

  /** The form of a message; undefined where it is not written as `JSON.stringify` would, or what is to be read is no text. */
  static of(text: string, message: unknown, reads: readonly string[]): MessageForm | undefined {
    const leaves: Leaf[] = []
    const wanted = new Set(reads)
    const written = write(message, '', 0, (leaf) => leaves.push(leaf), wanted)
    return written === text ? new MessageForm(text, leaves, reads, new Set()) : undefined
  }

  /** Whether another says the same in the same places, but for texts. */
  isLike(other: MessageForm): boolean {
    return this.#skeleton() === other.#skeleton()
  }

  /** This form with those texts free in which another, that is like it, differs. */
  widened(other: MessageForm): MessageForm {
    const varying = new Set(this.#varying)
    for (const [index, { path, value }] of this.#leaves.entries())
      if (other.#leaves[index]?.value !== value) varying.add(path)
    return new MessageForm(this.#text, this.#leaves, this.#reads, varying)
  }

  /** What is wanted of a JSON text without escapes in this form; undefined for any other. The list is the same each time, and its texts are parts of the message: see {@link ownText}. */
  read(text: string): MessageTexts | undefined {
    const before = this.#before
    let at = 0
    for (let index = 0; index < before.length; index += 1) {
      const stands = before[index] as string
      if (!isAt(text, at, stands)) return undefined
      const from = at + stands.length
      at = text.indexOf('"', from)
      if (at < 0) return undefined
      const wanted = this.#wanted[index] as number
      if (wanted >= 0) this.#texts[wanted] = text.slice(from, at)
    }
    return text.slice(at) === this.#last ? this.#texts : undefined
  }

  #skeleton(): string {
    let skeleton = ''
    let from = 0
    for (const { at, value } of this.#leaves) {
      skeleton += this.#text.slice(from, at)
      from = at + value.length
    }
    return skeleton + this.#text.slice(from)
  }
}

function isAt(text: string, at: number, stands: string): boolean {
  const { length } = stands
  if (length > shortLength) return text.slice(at, at + length) === stands
  for (let index = 0; index < length; index += 1)
    if (text.charCodeAt(at + index) !== stands.charCodeAt(index)) return false
  return true
}

/** An engine keeps the whole text of which it was given a part of 13 characters or more; what is shorter it copies. */
const copiedLength = 12

/** The same text, which keeps nothing else in memory with it: for a part of a message that is kept when the message is done with. */
export function ownText(part: string): string {
  const { length } = part
  if (length <= copiedLength) return part
  let own = ''
  for (let from = 0; from < length; from += copiedLength) own += part.slice(from, from + copiedLength)
  return own
}

/** {@link ownText} of any length. */
function compactText(part: string): string {
  return JSON.parse(JSON.stringify(part)) as string
}

/** A value as `JSON.stringify` writes it, and where its texts stand; undefined where it cannot be a form. */
function write(
  value: unknown,
  path: string,
  at: number,
  note: (leaf: Leaf) => void,
  wanted: ReadonlySet<string>,
): string | undefined {
  if (typeof value === 'string') {
    note({ path, at: at + 1, value })
    const written = JSON.stringify(value)
    return written.length === value.length + 2 ? written : undefined
  }
  // Of what is to be read, that there is nothing is part of the form.
  if (value === null) return 'null'
  if (wanted.has(path)) return undefined
  if (typeof value !== 'object') return JSON.stringify(value)
  const isList = Array.isArray(value)
  let written = isList ? '[' : '{'
  for (const [key, part] of Object.entries(value)) {
    if (key.includes('.')) return undefined
    if (written.length > 1) written += ','
    if (!isList) written += `${JSON.stringify(key)}:`
    const inner = write(part, path === '' ? key : `${path}.${key}`, at + written.length, note, wanted)
    if (inner === undefined) return undefined
    written += inner
  }
  return written + (isList ? ']' : '}')
}
