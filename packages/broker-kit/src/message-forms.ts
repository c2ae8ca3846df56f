import { MessageForm, type MessageTexts } from './message-form.js'

export type MessageFormsParts = {
  /** What the texts begin with that are to be read so; all others are left alone. */
  readonly head: string
  /** What is read of a message, each by the way to it, such as `data.0.ordId`: texts, or nothing. */
  readonly reads: readonly string[]
  /** Whether a message is one to be read so: how many rows it has, say. Its form keeps that. */
  readonly isReadable: (message: unknown) => boolean
}

/** So many forms are kept at once: of one kind of message there are few. */
const mostForms = 8
/** So many messages are learned from, and of a hundred that were heard one more: a lesson costs more than it saves at once. */
const firstLessons = 64
const messagesPerLesson = 100

/**
 * Reads messages that say much of which little matters, several times as fast as `JSON.parse`: from those that came before it learns their
 * form, and of one that has the very same form, to the letter, it takes the few texts that are wanted. Whatever differs is left to
 * `JSON.parse`, and learned from.
 */
export class MessageForms {
  readonly #parts: MessageFormsParts
  readonly #forms: MessageForm[] = []
  /** Of each form, which came after it the last time: pushes of orders follow each other in a few ways. */
  readonly #followers: number[] = []
  #last = 0
  #lessons = 0
  #heard = 0

  constructor(parts: MessageFormsParts) {
    this.#parts = parts
  }

  /** The texts that are wanted of a message, in the order of `reads`, to be used before the next is read, and to be kept as `ownText`; undefined for one whose form is not known yet. */
  read(text: string): MessageTexts | undefined {
    this.#heard += 1
    const forms = this.#forms
    const guess = this.#followers[this.#last] ?? 0
    const guessed = forms[guess]?.read(text)
    if (guessed !== undefined) {
      this.#last = guess
      return guessed
    }
    for (let index = 0; index < forms.length; index += 1) {
      const texts = index === guess ? undefined : (forms[index] as MessageForm).read(text)
      if (texts === undefined) continue
      this.#followers[this.#last] = index
      this.#last = index
      return texts
    }
    const mayLearn = this.#lessons < firstLessons + this.#heard / messagesPerLesson
    if (mayLearn && text.startsWith(this.#parts.head)) this.#learn(text)
    return undefined
  }

  #learn(text: string): void {
    this.#lessons += 1
    const { reads, isReadable } = this.#parts
    let message: unknown
    try {
      message = JSON.parse(text)
    } catch {
      return
    }
    if (!isReadable(message)) return
    const learned = MessageForm.of(text, message, reads)
    if (learned === undefined) return
    const alike = this.#forms.findIndex((form) => form.isLike(learned))
    const known = this.#forms[alike]
    if (known !== undefined) this.#forms[alike] = known.widened(learned)
    else if (this.#forms.length < mostForms) this.#forms.push(learned)
  }
}
