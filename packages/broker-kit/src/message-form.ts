/** What was read of a message; undefined for what it has not. */
export type MessageTexts = (string | undefined)[]

/** A text of a message, with the way to it and where it stands. */
type Leaf = { readonly path: string; readonly at: number; readonly value: string }

/** What a JSON text may hold that stands as it is, without an escape. */
const unescaped = '[^"\\\\\\u0000-\\u001f]*'

/** The form of a message as the venue writes it: what stands in it to the letter, and the texts that may be others since they were seen to differ. */
export class MessageForm {
  readonly #text: string
  readonly #reads: readonly string[]
  readonly #leaves: readonly Leaf[]
  readonly #varying: ReadonlySet<string>
  /** An engine compiles it to its own code: that compares several letters at once. */
  readonly #pattern: RegExp
  /** Which of `reads` each group of the pattern is. */
  readonly #wanted: readonly number[]
  /** Those of `reads` that are the same in all messages of this form. */
  readonly #fixed: readonly (string | undefined)[]

  private constructor(text: string, leaves: readonly Leaf[], reads: readonly string[], varying: ReadonlySet<string>) {
    this.#text = text
    this.#reads = reads
    this.#leaves = leaves
    this.#varying = varying
    this.#fixed = reads.map((path) => leaves.find((leaf) => leaf.path === path)?.value)
    const wanted: number[] = []
    let pattern = '^'
    let from = 0
    for (const { path, at, value } of leaves) {
      if (!varying.has(path)) continue
      const index = reads.indexOf(path)
      pattern += literal(text.slice(from, at)) + (index < 0 ? unescaped : `(${unescaped})`)
      if (index >= 0) wanted.push(index)
      from = at + value.length
    }
    this.#pattern = new RegExp(`${pattern}${literal(text.slice(from))}$`)
    this.#wanted = wanted
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

  /** What is wanted of a JSON text in this form; undefined for any other. The texts are parts of the message: see {@link ownText}. */
  read(text: string): MessageTexts | undefined {
    const found = this.#pattern.exec(text)
    if (found === null) return undefined
    const texts = this.#fixed.slice()
    const wanted = this.#wanted
    for (let index = 0; index < wanted.length; index += 1) texts[wanted[index] as number] = found[index + 1]
    return texts
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

/** A pattern that stands for a text to the letter. */
function literal(text: string): string {
  return text.replace(/[$()*+./?[\\\]^{|}-]/g, '\\$&')
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
