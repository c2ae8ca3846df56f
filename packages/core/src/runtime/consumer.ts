import { Fifo } from '../collections/fifo.js'
import type { KeyValueWrite } from '../storage/storage.js'

/** Acknowledgements that are ahead of the cursor are kept in documents of so many journal entries each. */
const entriesPerBlock = 512

/**
 * What one consumer group has handled of what the journal holds for it: a cursor up to which everything is acknowledged, and
 * what has been acknowledged beyond it, since keys are handled side by side.
 */
export class Consumer {
  readonly name: string
  /** False while it lags: then what is published does not reach it at once, but is read from the journal in its turn. */
  live = false
  /** True while it is known that there is something of it to be written. */
  isNoted = false
  /** Grows when it is sent back: whoever reads the journal for it has to begin again. */
  generation = 0
  /** All that is for it up to here has been handed over or was acknowledged before. */
  #position: number
  /** Handed over and not yet known to be acknowledged in order. */
  readonly #outstanding = new Fifo<number>()
  #ahead: Map<number, Set<number>> | undefined
  #changedBlocks: Set<number> | undefined
  readonly #onChange: (consumer: Consumer) => void

  constructor(name: string, position: number, onChange: (consumer: Consumer) => void) {
    this.name = name
    this.#position = position
    this.#onChange = onChange
  }

  get position(): number {
    return this.#position
  }

  /** How many messages were handed over and not acknowledged. */
  get outstanding(): number {
    let acknowledged = 0
    // What an earlier process acknowledged beyond here has not been handed over by this one.
    for (const block of this.#ahead?.values() ?? [])
      for (const sequence of block) if (sequence <= this.#position) acknowledged += 1
    return this.#outstanding.length - acknowledged
  }

  /** The place from which on it has to be read again after a crash. `end` is where it stands when nothing is outstanding. */
  cursor(end: number): number {
    const first = this.#outstanding.peek()
    if (first !== undefined) return first - 1
    return this.live ? Math.max(this.#position, end) : this.#position
  }

  /** True when the entry is still to be handed over: it was neither handed over nor acknowledged before. */
  expects(sequence: number): boolean {
    return sequence > this.#position && !this.#isAhead(sequence)
  }

  /** Notes that an entry, and with it all before, has been handed over. */
  handOver(sequence: number): void {
    this.#position = sequence
    this.#outstanding.push(sequence)
  }

  /** Notes that what lies up to an entry is not for it, or was acknowledged before. */
  skipTo(sequence: number): void {
    if (sequence <= this.#position) return
    if (this.#isAhead(sequence)) this.#outstanding.push(sequence)
    this.#position = sequence
    this.#advance()
  }

  /** The message of an entry that was handed over is done with. */
  acknowledge(sequence: number): void {
    if (this.#outstanding.peek() === sequence && this.#ahead === undefined) this.#outstanding.shift()
    else {
      this.#block(sequence).add(sequence)
      this.#markChanged(sequence)
      this.#advance()
    }
    this.#onChange(this)
  }

  /** Forgets what was handed over and not acknowledged: it is to be read again. */
  giveBack(): void {
    this.live = false
    this.generation += 1
    this.#position = this.cursor(this.#position)
    this.#outstanding.drain()
  }

  /** Goes back (or ahead) to read from an entry on. Nothing may be outstanding. */
  rewind(from: number): void {
    this.live = false
    this.generation += 1
    this.#position = from - 1
    for (const block of this.#ahead?.keys() ?? []) this.#markChanged(block * entriesPerBlock)
    this.#ahead = undefined
    this.#onChange(this)
  }

  /** Takes over acknowledgements beyond the cursor from a document that {@link takeChanges} made. */
  restore(text: string): void {
    for (const sequence of text.split(',').map(Number)) this.#block(sequence).add(sequence)
  }

  /** The documents that have changed since they were last taken, by key below `prefix`. */
  takeChanges(prefix: string): readonly KeyValueWrite[] {
    if (this.#changedBlocks === undefined) return []
    const writes = [...this.#changedBlocks].map((number): KeyValueWrite => {
      const key = `${prefix}${this.name}/${number}`
      const block = this.#ahead?.get(number)
      return block === undefined ? { key } : { key, value: [...block].sort((a, b) => a - b).join(',') }
    })
    this.#changedBlocks = undefined
    return writes
  }

  /** Takes from the front what is acknowledged. */
  #advance(): void {
    for (let first = this.#outstanding.peek(); first !== undefined; first = this.#outstanding.peek()) {
      if (!this.#isAhead(first)) return
      this.#outstanding.shift()
      this.#forget(first)
    }
  }

  #isAhead(sequence: number): boolean {
    return this.#ahead?.get(Math.floor(sequence / entriesPerBlock))?.has(sequence) ?? false
  }

  #block(sequence: number): Set<number> {
    const number = Math.floor(sequence / entriesPerBlock)
    this.#ahead ??= new Map()
    let block = this.#ahead.get(number)
    if (block === undefined) {
      block = new Set()
      this.#ahead.set(number, block)
    }
    return block
  }

  #forget(sequence: number): void {
    const block = this.#block(sequence)
    block.delete(sequence)
    this.#markChanged(sequence)
    if (block.size > 0) return
    this.#ahead?.delete(Math.floor(sequence / entriesPerBlock))
    if (this.#ahead?.size === 0) this.#ahead = undefined
  }

  #markChanged(sequence: number): void {
    this.#changedBlocks ??= new Set()
    this.#changedBlocks.add(Math.floor(sequence / entriesPerBlock))
  }
}
